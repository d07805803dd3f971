"""`flask users import` as a process: killed and run again, on a terminal, after mending."""

from __future__ import annotations

import csv
import os
import pty
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.harness import flask_process
from tests.harness.command_line import CommandLine
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.timing import eventually
from wxlogin.accounts.importing import BATCH
from wxlogin.extensions import db
from wxlogin.models import User, UserOpenidIndex

ROWS = 12 * BATCH


@pytest.fixture
def registered(site: Site) -> Site:
    """A site that has the mini-program and one user."""
    Phone(site, "carol").login()
    return site


def file_of(directory: Path, rows: int) -> Path:
    """Write a file of users."""
    file = directory / "users.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("openid", "external_id", "phone"))
        for number in range(rows):
            writer.writerow((f"o-imported-{number:06}", f"u-{number}", 13800000000 + number))
    return file


def words(file: Path) -> list[str]:
    """The command line that imports a file."""
    return flask_process.command("users", "import", str(file), "--appid", APPID)


def imported(site: Site) -> dict[str, str]:
    """Our id of each user that came by the import, by the team's own id."""
    with site.app.app_context():
        own = select(User.external_id, User.public_id).where(User.external_id.is_not(None))
        return {str(external_id): user for external_id, user in db.session.execute(own)}


def counts(site: Site) -> list[int]:
    """How many users there are, and how many openids are indexed."""
    with site.app.app_context():
        tables = (User, UserOpenidIndex)
        found = (db.session.scalar(select(func.count()).select_from(one)) for one in tables)
        return [count or 0 for count in found]


def killed_after_a_batch(site: Site, file: Path) -> None:
    """Import a file, and kill the process once a batch is there."""
    environment = flask_process.environment(flask_process.settings_of(site))
    with subprocess.Popen(words(file), env=environment, stderr=subprocess.PIPE) as process:
        eventually(lambda: process.poll() is not None or imported(site), 60)
        process.kill()
        told = process.stderr.read() if process.stderr else b""
    assert process.returncode == -9, told


@pytest.mark.slow
def test_an_import_that_is_killed_goes_on_without_duplicates(
    registered: Site, tmp_path: Path
) -> None:
    site, file = registered, file_of(tmp_path, ROWS)
    killed_after_a_batch(site, file)
    before = imported(site)
    assert BATCH <= len(before) < ROWS
    told = CommandLine(site, "users").done("import", str(file), "--appid", APPID)
    left = ROWS - len(before)
    assert f"{left} were created, 0 completed, {len(before)} left as they are, 0 rejected" in told
    after = imported(site)
    assert set(after) == {f"u-{number}" for number in range(ROWS)}
    assert {own: after[own] for own in before} == before
    assert counts(site) == [ROWS + 1, ROWS + 1]


def test_a_terminal_shows_how_far_an_import_is(registered: Site, tmp_path: Path) -> None:
    file = file_of(tmp_path, 2 * BATCH)
    shown = at_a_terminal(registered, words(file)).decode()
    size = file.stat().st_size // 1024
    assert "━━━" in shown
    assert f"{size}/{size}" in shown
    assert f"{2 * BATCH} were created" in shown


def at_a_terminal(site: Site, command: list[str]) -> bytes:
    """What a command shows on a terminal."""
    mine, theirs = pty.openpty()
    environment = flask_process.environment(flask_process.settings_of(site)) | {"TERM": "xterm"}
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), theirs)
    with subprocess.Popen(command, **streams, env=environment, start_new_session=True) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # Linux says so once the other side is gone
            while part := os.read(mine, 4096):
                shown += part
    os.close(mine)
    assert process.returncode == 0, shown
    return shown


def test_mended_rows_outlive_another_run(registered: Site, tmp_path: Path) -> None:
    file, rejects = tmp_path / "users.csv", tmp_path / "users.csv.rejects"
    file.write_text("openid,phone\no-1,12345\n", encoding="utf-8")

    def again() -> str:
        return CommandLine(registered, "users").done("import", str(file), "--appid", APPID)

    again()
    assert "earlier" not in again()
    assert not (tmp_path / "users.csv.rejects.1").exists()
    for number in ("1", "2"):
        mended = rejects.read_text(encoding="utf-8").replace("12345", f"1380013800{number}")
        rejects.write_text(mended, encoding="utf-8")
        kept = tmp_path / f"users.csv.rejects.{number}"
        assert f"The {rejects} of an earlier run is kept: {kept}" in again()
        assert kept.read_text(encoding="utf-8") == mended
        assert oct(kept.stat().st_mode)[-3:] == "600"
    file.write_text("openid\no-1\n", encoding="utf-8")
    again()
    assert not rejects.exists()
    assert "12345" in (tmp_path / "users.csv.rejects.3").read_text(encoding="utf-8")
