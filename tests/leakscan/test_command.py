"""`flask leakscan`: statuses, what it prints where, and what it knows of the installation."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import Result

from config import ConfigError
from tests.harness import flask_process
from tests.harness.command_line import CommandLine
from tests.harness.site import Site
from tests.leakscan.made_up import APP_SECRET, APPID, HAY, OTHER_SECRET, hidden
from tests.leakscan.packages import encrypted, wxapkg
from wxlogin.cli.help import app_without_settings
from wxlogin.leakscan.scan import Scan, Task

TEXT, LINE = hidden(f"secret: '{APP_SECRET}'")
SHAPE_ALONE = "There are no settings: secrets are recognised by shape alone."


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a folder with a leak in it."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "a.js").write_bytes(TEXT)
    (folder / "b.js").write_text(HAY)
    return folder


@pytest.fixture
def leakscan(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command in the folder, without settings."""
    monkeypatch.chdir(shop)
    runner = app_without_settings(ConfigError(["there are none"])).test_cli_runner()
    return lambda *words: runner.invoke(args=["leakscan", *words])


def test_it_runs_without_settings_and_from_another_folder(shop: Path) -> None:
    done = flask_process.run(("leakscan", "."), {}, shop)
    assert done.returncode == 1
    assert done.stdout.startswith(f"a.js:{LINE}: AppSecret {APP_SECRET[:4]}**** (32 characters)")
    assert APP_SECRET not in done.stdout + done.stderr
    assert done.stderr.splitlines() == [SHAPE_ALONE, "1 find in 2 files, 0.0 MB."]


def test_no_find_ends_with_0(leakscan: Callable[..., Result]) -> None:
    done = leakscan("b.js")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.splitlines()[1:] == ["0 finds in 1 file, 0.0 MB."]


def test_json_is_sarif_alone_on_standard_output(leakscan: Callable[..., Result]) -> None:
    for words, status, count in ((("--json", "."), 1, 1), (("--json", "b.js"), 0, 0)):
        done = leakscan(*words)
        assert done.exit_code == status
        assert len(json.loads(done.stdout)["runs"][0]["results"]) == count
        assert APP_SECRET not in done.output


def test_the_digest_that_is_printed_allows_the_value(
    shop: Path, leakscan: Callable[..., Result]
) -> None:
    digest = leakscan(".").stdout.strip()[-17:-1]
    (shop / ".leakscan-allow").write_text(f"value {digest} Made up.\n")
    done = leakscan(".")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.splitlines()[1:] == ["0 finds, 1 allowed in 3 files, 0.0 MB."]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere",), "does not exist"),
        ((os.devnull,), "should be a file or a folder"),
        ((), "Missing argument"),
        (("--appid", "me", "."), "--appid should look like wx0123456789abcdef"),
        (("--history", "."), "git: not a git repository"),
        (("--allow", "b.js", "."), "The allow list: line 1 should be"),
    ],
)
def test_what_cannot_be_done_ends_with_2(
    leakscan: Callable[..., Result], words: tuple[str, ...], said: str
) -> None:
    done = leakscan(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_an_encrypted_package_is_named_and_opens_with_its_appid(
    shop: Path, leakscan: Callable[..., Result]
) -> None:
    (shop / "a.js").unlink()
    (shop / "a.wxapkg").write_bytes(encrypted(wxapkg({"app.js": TEXT}), APPID))
    done = leakscan(".")
    assert done.exit_code == 0
    assert "Not searched: a.wxapkg is encrypted (V1MMWX); name its appid" in done.stderr
    done = leakscan("--appid", APPID, ".")
    assert done.stdout.startswith(f"a.wxapkg!/app.js:{LINE}: AppSecret")


def test_a_scan_that_is_stopped_prints_what_it_found_and_ends_with_2(
    leakscan: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: Scan, tasks: Sequence[Task], tell: object) -> None:
        self.findings += tasks[0].findings(self.how.search, "")
        raise KeyboardInterrupt

    monkeypatch.setattr(Scan, "run", interrupted)
    done = leakscan(".")
    assert done.exit_code == 2
    assert done.stdout.startswith(f"a.js:{LINE}: AppSecret")
    assert done.stderr.splitlines()[1:] == ["Error: Stopped after 0.0 MB of 0.0 MB; 1 find."]


def test_secrets_of_the_settings_and_the_database_are_found_by_value(
    site: Site, tmp_path: Path
) -> None:
    CommandLine(site, "apps").add(APPID, OTHER_SECRET)
    settings = flask_process.settings_of(site)
    (key,) = site.settings.secret_keys
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "a.bin").write_bytes(b"\0" * 9 + key.encode())
    (folder / "b.txt").write_text(f"x{OTHER_SECRET[::-1]}x")
    done = flask_process.run(("leakscan", "."), settings, folder)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["a.bin", "b.txt"]
    assert "WXLOGIN_SECRET_KEYS" in lines[0]
    assert "AppSecret" in lines[1]
    assert lines[1].partition(" [")[0].endswith("by value reversed")
    assert done.stderr.splitlines() == ["2 finds in 2 files, 0.0 MB."]


def test_a_database_that_is_out_is_named_and_the_settings_still_count(
    site: Site, tmp_path: Path
) -> None:
    settings = flask_process.settings_of(site) | {
        "WXLOGIN_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:9/none"
    }
    (key,) = site.settings.secret_keys
    (tmp_path / "a.txt").write_text(key)
    done = flask_process.run(("leakscan", "a.txt"), settings, tmp_path)
    assert done.returncode == 1
    assert "WXLOGIN_SECRET_KEYS" in done.stdout
    assert "The database is out: its AppSecrets are recognised by shape alone." in done.stderr


def test_ctrl_c_ends_with_2_and_one_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")  # whoever reads it waits
    process = subprocess.Popen(
        flask_process.command("leakscan", "--allow", "fifo", "."),
        cwd=tmp_path,
        env=flask_process.environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline().strip() == SHAPE_ALONE
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (2, "", "Error: Stopped.\n")
