"""docs/rehearsal.md is followed as it stands, against a PostgreSQL and a Valkey of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import PREFIX
from tests.harness.databases import DatabaseServer
from tests.harness.doc_pages import commands, written
from tests.harness.leaks import run_log
from tests.house.source import ROOT
from wxlogin.development.valkey import ValkeyServer

PAGES = (ROOT / "docs/rehearsal.md", ROOT / "docs/rehearsal.zh-CN.md")
SECRET = re.compile(r'"(?:token|key)": ?"([^"]{20,})"')
ALONE = ("unshare", "--net", "--pid", "--fork", "--kill-child")
"""A network of the test's own, whose ports nobody has, and an end of all that it started."""


def texts(page: Path, language: str) -> list[str]:
    """A page's blocks of one language."""
    return [block.text for block in written(page, language)]


@pytest.fixture
def alone() -> list[str]:
    """The command that runs another in a network of its own."""
    words = [*ALONE, *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if not shutil.which("ip") or subprocess.run([*words, "true"], check=False).returncode:
        pytest.skip("no network of one's own here (apt-get install iproute2; rights to unshare)")
    return words


@pytest.fixture
def stores(postgresql_server: DatabaseServer, tmp_path: Path) -> Iterator[dict[str, str]]:
    """What the page asks for, by sockets, which reach into any network."""
    with ValkeyServer(tmp_path / "valkey") as valkey:
        yield {
            "WXLOGIN_DATABASE_URL": postgresql_server.database_by_socket(),
            "WXLOGIN_REDIS_URL": valkey.url,
        }


def followed(alone: list[str], stores: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The page's commands, in one shell."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    script = "\n".join(["set -e", "ip link set lo up", commands(PAGES[0])])
    done = subprocess.run(
        [*alone, "bash", "-c", script],
        cwd=ROOT,
        env={**kept, **stores},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    run_log.hear(done.stderr, "docs/rehearsal.md")
    run_log.use(SECRET.findall(done.stdout))
    return done


def test_both_pages_have_the_same_texts() -> None:
    for language in ("sh", "json", "text"):
        assert texts(PAGES[0], language) == texts(PAGES[1], language) != []


def test_a_production_set_up_is_tried_without_wechat(
    alone: list[str], stores: dict[str, str]
) -> None:
    done = followed(alone, stores)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert answers[0]["session"]["id"]
    (promised,) = texts(PAGES[0], "json")
    assert [a for a in answers if "phone" in a] == [json.loads(promised)] * 2
    codes = [answer["code"] for answer in answers if "code" in answer]
    assert codes == ["WX_UNAVAILABLE", "WX_RATE_LIMITED", "WX_MISCONFIGURED", "WX_UNAVAILABLE"]
    assert answers[-1]["token"]
    (warning,) = texts(PAGES[0], "text")
    assert warning.strip() in done.stderr
