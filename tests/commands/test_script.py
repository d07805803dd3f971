"""The venv's own `flask`, from another folder: what it needs, what it reads, how it ends."""

from __future__ import annotations

import array
import fcntl
import os
import signal
import subprocess
import termios
from pathlib import Path
from typing import IO

import pytest
from sqlalchemy import update

from tests.commands.every_command import WORDS
from tests.harness import flask_process
from tests.harness.command_line import CommandLine
from tests.harness.console import Operator
from tests.harness.site import Site
from tests.harness.timing import eventually
from tests.harness.watched import alerts
from wxlogin.extensions import db
from wxlogin.models import App

NAMES = ("SECRET_KEYS", "DATA_KEYS", "INDEX_KEYS", "DATABASE_URL", "REDIS_URL", "TRUSTED_HOPS")


def test_commands_work_from_another_folder(site: Site, tmp_path: Path) -> None:
    settings = flask_process.settings_of(site)
    made = flask_process.run(("admin", "create", "alice", "--role", "owner"), settings, tmp_path)
    site.tokens.add(made.stdout.split()[-1])
    assert (made.returncode, made.stderr) == (0, "")
    for name in ("admin list", "audit verify", "purge"):
        done = flask_process.run(WORDS[name], settings, tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), name
        assert "━" not in done.stdout, name


def test_a_command_shows_no_line_of_an_alert_that_it_raised(site: Site, tmp_path: Path) -> None:
    settings = flask_process.settings_of(site)
    Operator(site)  # the first admin is no news
    for words in (
        ("admin", "create", "alice", "--role", "owner"),
        ("admin", "token", "shop", "--scope", "identity"),
    ):
        made = flask_process.run(words, settings, tmp_path)
        site.tokens.add(made.stdout.split()[-1])
        assert (made.returncode, made.stderr) == (0, "")
    assert {"admin_created", "admin_token_created"} <= {alert.rule for alert in alerts(site)}


def test_a_command_shows_faults(site: Site, tmp_path: Path) -> None:
    CommandLine(site, "apps").add("wx0000000000000bad", "5f4dcc3b5aa765d61d8327deb882cf99")
    with site.app.app_context():
        db.session.execute(update(App).values(secret_sealed=App.secret_sealed + "A"))
        db.session.commit()
    done = flask_process.run(("apps", "list"), flask_process.settings_of(site), tmp_path)
    assert done.returncode == 0
    assert '"level": "warning"' in done.stderr
    assert "the AppSecret of wx0000000000000bad" in done.stderr


def test_the_database_is_migrated_from_another_folder(tmp_path: Path) -> None:
    settings = {
        "WXLOGIN_ENV": "testing",
        "WXLOGIN_DATABASE_URL": f"sqlite:///{tmp_path}/fresh.sqlite3",
        "WXLOGIN_REDIS_URL": "redis://127.0.0.1:9/0",
        "WXLOGIN_SECRET_KEYS": "k" * 32,
        "WXLOGIN_DATA_KEYS": "d1:q83vEjRWeJq8TXhQ2ZFmP0Lw5nKb7tXy1oCe9uVgHaM=",
        "WXLOGIN_INDEX_KEYS": "i1:Tn4Vx0PzK2mWb6QyR8sLd1Fh3Jc5GaEu7oNiMvXkBtw=",
    }
    assert flask_process.run(("db", "upgrade"), settings, tmp_path).returncode == 0
    listed = flask_process.run(("admin", "list"), settings, tmp_path).stdout
    assert listed.startswith("There is no admin")


@pytest.mark.slow
def test_what_serves_loads_the_views_and_other_commands_do_not(site: Site, tmp_path: Path) -> None:
    settings = flask_process.settings_of(site) | {"PYTHONPROFILEIMPORTTIME": "1"}
    routes = flask_process.executed(("routes",), settings, tmp_path)
    assert "/v1/auth" in routes.stdout
    assert "wxlogin.blueprints" in routes.stderr
    listed = flask_process.executed(("keys", "list"), settings, tmp_path)
    assert (listed.returncode, "wxlogin.blueprints" in listed.stderr) == (0, False)


# Without settings


@pytest.mark.parametrize("words", [("admin", "list"), ("db", "upgrade"), ("nothing",)])
def test_without_settings_each_is_told_once(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = flask_process.run(words, {}, tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    first, *faults, hint = done.stderr.splitlines()
    assert first == "Error: wxlogin cannot start with these settings:"
    assert [line.split()[1] for line in faults] == [f"WXLOGIN_{name}" for name in NAMES]
    assert hint.endswith("Beside `make run`: export WXLOGIN_ENV=development")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("--help",), "Mini-programs and their AppSecrets."),
        (("apps", "--help"), "set-secret"),
        (("apps", "add", "--help"), "--secret-stdin"),
        (("db", "--help"), "upgrade"),
        (("db", "upgrade", "--help"), "--sql"),
    ],
)
def test_help_needs_no_settings(tmp_path: Path, words: tuple[str, ...], shown: str) -> None:
    done = flask_process.run(words, {}, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert shown in done.stdout


@pytest.mark.parametrize(
    "words", [("db", "upgrade", "--directory", "--help"), ("admin", "disable", "--", "--help")]
)
def test_a_word_that_only_looks_like_a_wish_for_help_does_nothing(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = flask_process.run(words, {}, tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: wxlogin cannot start with these settings:")


# What is read and where it goes


def test_standard_input_that_is_not_utf_8_is_one_sentence(site: Site, tmp_path: Path) -> None:
    words = ("admin", "create", "alice", "--role", "owner", "--password-stdin")
    (tmp_path / "typed").write_bytes("密码".encode("gbk"))
    with (tmp_path / "typed").open("rb") as file:
        done = flask_process.run(words, flask_process.settings_of(site), tmp_path, stdin=file)
    assert done.returncode == 1
    assert done.stderr == "Error: Standard input should be text in UTF-8.\n"


def test_a_reader_that_goes_away_is_no_fault(site: Site, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            flask_process.command("keys", "list"),
            cwd=tmp_path,
            env=flask_process.environment(flask_process.settings_of(site)),
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.slow
@pytest.mark.parametrize("closed", [0, 1, 2])
def test_a_stream_that_is_closed_is_no_fault(site: Site, tmp_path: Path, closed: int) -> None:
    line = f'exec "$@" {closed}>&-'
    done = subprocess.run(
        ["sh", "-c", line, "sh", *flask_process.command("admin", "tokens")],
        cwd=tmp_path,
        env=flask_process.environment(flask_process.settings_of(site)),
        stderr=subprocess.PIPE if closed != 2 else None,
        check=False,
    )
    assert (done.returncode, done.stderr or b"") == (0, b"")


def test_ctrl_c_is_one_line(site: Site, tmp_path: Path) -> None:
    with subprocess.Popen(
        flask_process.command("admin", "create", "carol", "--role", "viewer", "--password-stdin"),
        cwd=tmp_path,
        env=flask_process.environment(flask_process.settings_of(site)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as waiting:
        assert waiting.stdin
        waiting.stdin.write(b"half a line")
        waiting.stdin.flush()
        eventually(lambda: unread(waiting.stdin) == 0, 60)  # it waits for the rest
        waiting.send_signal(signal.SIGINT)
        told = waiting.stderr.read() if waiting.stderr else b""
    assert waiting.returncode == 1
    assert told.decode().strip() in ("Aborted!", "Error: Stopped.")


def unread(pipe: IO[bytes] | None) -> int:
    """How many bytes of a pipe its reader has not read yet."""
    count = array.array("i", [0])
    fcntl.ioctl(pipe or 0, termios.FIONREAD, count)
    return count[0]
