"""docs/upgrade.md does what it says: its blocks are run as they stand, while callers go on."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import flask_migrate
import pytest
import requests

from config import ROOT
from tests.deploy.harness.gunicorn_master import CONFIGURATION
from tests.deploy.harness.load import Callers
from tests.deploy.harness.project_copy import copy_project
from tests.deploy.harness.upgrades import HEAD
from tests.development.command import children
from tests.harness.doc_pages import commands, written
from tests.harness.gunicorn_server import environment
from tests.harness.leaks import run_log
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.timing import eventually
from tests.harness.traffic import WIDE
from wxlogin.development.address import parse_address as free_address

pytestmark = pytest.mark.settings(**WIDE)
OLD, NEW = "1.3.2", "1.4.0"
LONG = 240.0
GIT = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com"]
PAGE = ROOT / "docs/upgrade.md"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """Where the old release serves from `current`, and a repository that has the new one."""
    place = tmp_path / "srv"
    old = place / "releases" / OLD
    copy_project(old)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", NEW], ["tag", NEW]):
        subprocess.run([*GIT, *words], cwd=old, check=True)
    (old / ".git").rename(tmp_path / "repository.git")
    subprocess.run(
        [*GIT, "config", "core.bare", "true"], cwd=tmp_path / "repository.git", check=True
    )
    (old / ".venv").symlink_to(sys.prefix)
    (place / "current").symlink_to(f"releases/{OLD}")
    yield place
    for pid in masters(place):
        os.kill(pid, signal.SIGTERM)
        eventually(lambda pid=pid: not Path(f"/proc/{pid}").exists(), LONG)  # type: ignore[misc]


def masters(place: Path) -> list[int]:
    """The masters that serve."""
    with contextlib.suppress(OSError, ValueError):
        return [int((place / "wxlogin.pid").read_text())]
    return []


def test_the_page_upgrades_rolls_back_and_reloads_without_losing_a_call(
    site: Site, phone: Phone, place: Path
) -> None:
    address = free_address("127.0.0.1:0")
    log = place / "wxlogin.log"
    given = {
        **environment(site, **{n.removeprefix("WXLOGIN_"): text for n, text in WIDE.items()}),
        "ADDRESS": str(address),
        "GUNICORN_CMD_ARGS": f"--bind {address} --workers 2",
        "REPOSITORY": f"file://{place.parent / 'repository.git'}",
        "VERSION": NEW,
    }
    script = "set -e\n" + commands(PAGE)
    token = phone.login()["token"]
    with site.app.app_context():
        flask_migrate.downgrade(revision="-1")
    with (place.parent / "said").open("wb") as said:
        running = subprocess.Popen(
            ["bash", "-c", script], cwd=place, env=given, stdout=said, stderr=subprocess.STDOUT
        )
    try:
        eventually(lambda: "Listening at" in text_of(log) or running.poll() is not None, LONG)
        with Callers(address.url, token) as callers:
            status = running.wait(LONG)
            callers.wait()
    finally:
        running.kill()
    told = text_of(place.parent / "said")
    assert status == 0, told + text_of(log)
    assert callers.failures == []
    assert text_of(log).count("ending the old master") == 2, text_of(log)
    assert '"status"' in told
    assert f"The database is at {HEAD}." in told
    (master,) = masters(place)
    assert Path(f"/proc/{master}/cwd").readlink() == place / "releases" / OLD
    assert f"{place}/releases/{NEW}/" not in Path(f"/proc/{master}/maps").read_text()


def test_a_new_master_is_that_of_the_release_that_the_link_names(site: Site, place: Path) -> None:
    """What the page promises of `current`, looked at between its steps."""
    address = free_address("127.0.0.1:0")
    start, *_ = written(PAGE)
    given = {
        **environment(site),
        "ADDRESS": str(address),
        "GUNICORN_CMD_ARGS": f"--bind {address} --workers 1",
    }
    subprocess.run(
        ["bash", "-ec", start.text], cwd=place, env=given, check=True, capture_output=True
    )
    (first,) = masters(place)
    assert Path(f"/proc/{first}/cwd").readlink() == place / "releases" / OLD
    shutil.copytree(place / "releases" / OLD, place / "releases" / NEW, symlinks=True)
    (place / "current.new").symlink_to(f"releases/{NEW}")
    (place / "current.new").replace(place / "current")
    os.kill(first, signal.SIGUSR2)
    eventually(lambda: masters(place) not in ([], [first]), LONG)
    (second,) = masters(place)
    assert Path(f"/proc/{second}/cwd").readlink() == place / "releases" / NEW


NAMED = """
import os, sys
from pathlib import Path

@app.after_request
def name_the_releases(answer):
    import lazily_imported

    files = [__file__, lazily_imported.__file__, os.getcwd(), os.environ["CONFIGURED"]]
    names = {part for file in files for part in Path(file).parts if part in ("1.3.2", "1.4.0")}
    modules = [getattr(module, "__path__", []) for module in list(sys.modules.values())]
    looked_in = [*sys.path, *(str(path) for paths in modules for path in paths)]
    names |= {path for path in looked_in if "/current/" in path}
    answer.headers["X-Releases"] = " ".join(sorted(names))
    return answer
"""
"""What makes each answer name the releases that have a part in it."""


def make_known(release: Path) -> None:
    """Have a release name itself in all its answers."""
    (release / "lazily_imported.py").touch()
    with (release / "wsgi.py").open("a") as file:
        file.write(NAMED)
    with (release / CONFIGURATION).open("a") as file:
        file.write('\nraw_env = [f"CONFIGURED={Path(__file__).resolve()}"]\n')


@pytest.mark.parametrize("names", [{"PWD"}, set()], ids=["by a shell", "by a service manager"])
def test_a_master_keeps_to_its_release_until_a_new_one_takes_over(
    site: Site, place: Path, names: set[str]
) -> None:
    address, current, log = free_address("127.0.0.1:0"), place / "current", place / "wxlogin.log"
    make_known(place / "releases" / OLD)
    shutil.copytree(place / "releases" / OLD, place / "releases" / NEW, symlinks=True)
    given = {**environment(site), "PWD": str(current)}
    options = [
        "--bind",
        str(address),
        "--workers",
        "1",
        "--daemon",
        "--pid",
        f"{place}/wxlogin.pid",
    ]
    command = [f"{current}/.venv/bin/python", "-m", "gunicorn", "-c", CONFIGURATION, *options]
    subprocess.run(
        [*command, "--error-logfile", str(log), "wsgi:app"],
        cwd=current,
        env={name: text for name, text in given.items() if name != "PWD" or "PWD" in names},
        check=True,
    )
    eventually(lambda: releases(address.url) == OLD, LONG)
    (master,) = masters(place)
    (place / "current.new").symlink_to(f"releases/{NEW}")
    (place / "current.new").replace(current)
    for kind in (signal.SIGKILL, signal.SIGHUP):
        (worker,) = children(master)
        os.kill(worker if kind == signal.SIGKILL else master, kind)
        eventually(partial(is_replaced, worker, master), LONG)
        eventually(partial(releases, address.url), LONG)
        assert releases(address.url) == OLD, text_of(log)
    os.kill(master, signal.SIGUSR2)
    eventually(lambda: masters(place) not in ([], [master]), LONG)
    assert releases(address.url) == NEW


def is_replaced(worker: int, master: int) -> bool:
    """Whether the master has another worker instead."""
    return len(children(master)) == 1 and worker not in children(master)


def releases(url: str) -> str:
    """The releases that had a part in an answer; nothing while nobody answers."""
    with contextlib.suppress(requests.RequestException):
        return requests.get(f"{url}/healthz", timeout=LONG).headers["X-Releases"]
    return ""


def test_both_languages_give_the_same_commands() -> None:
    pages = (PAGE, PAGE.with_suffix(".zh-CN.md"))
    first, second = ([without_comments(block.text) for block in written(page)] for page in pages)
    assert first == second


def without_comments(block: str) -> str:
    """The commands of a block."""
    return "\n".join(line for line in block.splitlines() if not line.startswith("#"))


def text_of(file: Path) -> str:
    """What a file holds so far."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    run_log.hear(text, file.name)
    return text
