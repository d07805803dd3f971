"""Whatever is out, a command ends with status 1 and one sentence that holds no password."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result
from flask import Flask

import config
from tests.commands.every_command import TYPED, WORDS
from tests.house.test_commands import commands
from wxlogin.app import create_app
from wxlogin.cli import COMMANDS
from wxlogin.cli.commands import Command
from wxlogin.extensions import db

WITHOUT_STORES = {"settings check", "leakscan", "doctor"}
SQL_ALONE = {"admin list", "admin tokens", "keys list", "purge", "webhooks list"}
"""What needs no Redis."""
SQL_FIRST = {
    "admin disable",
    "admin reset-password",
    "admin reset-totp",
    "admin revoke",
    "webhooks deliveries",
    "webhooks pause",
    "webhooks remove",
    "webhooks replay",
    "webhooks resume",
    "webhooks secret",
    "webhooks test",
}
"""What looks for somebody in SQL before Redis is asked."""

Make = Callable[..., Flask]


@pytest.fixture
def make(tmp_path: Path, migrated: Path) -> Make:
    """An app on a migrated database of the test's own and no Redis, or on other stores."""
    own = shutil.copy(migrated, tmp_path / "own.sqlite3")

    def made(**settings: str) -> Flask:
        given = {
            "WXLOGIN_ENV": "testing",
            "WXLOGIN_DATABASE_URL": f"sqlite:///{own}",
            "WXLOGIN_REDIS_URL": "redis://:hunter2@127.0.0.1:9/0",
            **settings,
        }
        return create_app(config.load(given, tmp_path))

    return made


def run(app: Flask, name: str) -> Result:
    """Run a command; an exception that is not its way to end fails."""
    result = app.test_cli_runner().invoke(args=list(WORDS[name]), input=TYPED.get(name, ""))
    assert isinstance(result.exception, SystemExit | None), result.exception
    with app.app_context():
        db.engine.dispose()
    return result


def test_every_command_is_tried_here() -> None:
    assert set(WORDS) == commands() - WITHOUT_STORES


def test_every_command_tells_of_faults_in_one_place() -> None:
    def leaves(command: click.Command) -> list[click.Command]:
        if not isinstance(command, click.Group):
            return [command]
        return [leaf for inner in command.commands.values() for leaf in leaves(inner)]

    found = [leaf for command in COMMANDS for leaf in leaves(command)]
    others = {leaf.name for leaf in found if not isinstance(leaf, Command)}
    assert others == {name.rpartition(" ")[2] for name in WITHOUT_STORES}


@pytest.mark.parametrize("name", WORDS)
def test_a_dead_database_is_one_sentence(make: Make, name: str) -> None:
    app = make(WXLOGIN_DATABASE_URL="postgresql://wxlogin:hunter2@127.0.0.1:9/wxlogin")
    result = run(app, name)
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith("Error: A store is out: ")
    assert "hunter2" not in line


@pytest.mark.parametrize("name", sorted(set(WORDS) - SQL_ALONE - SQL_FIRST))
def test_a_dead_redis_is_one_sentence(make: Make, name: str) -> None:
    result = run(make(), name)
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith("Error: A store is out: ")
    assert "hunter2" not in line


@pytest.mark.parametrize("name", sorted(SQL_ALONE))
def test_what_needs_no_redis_does_without(make: Make, name: str) -> None:
    assert run(make(), name).exit_code == 0


@pytest.mark.parametrize("name", sorted(SQL_FIRST))
def test_who_is_not_there_is_one_sentence(make: Make, name: str) -> None:
    result = run(make(), name)
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert result.output.startswith("Error: NOT_FOUND: There is no ")


@pytest.mark.parametrize("name", WORDS)
def test_a_garbled_sqlite_file_is_one_sentence(make: Make, tmp_path: Path, name: str) -> None:
    (tmp_path / "garbled.sqlite3").write_bytes(b"this is no database" * 400)
    result = run(make(WXLOGIN_DATABASE_URL=f"sqlite:///{tmp_path / 'garbled.sqlite3'}"), name)
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert result.output.startswith("Error: A store is out: ")


@pytest.mark.parametrize(
    "fault", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()]
)
def test_a_full_disk_and_ctrl_c_are_one_sentence(
    make: Make, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    def purge(*_: object) -> None:
        raise fault

    monkeypatch.setattr("wxlogin.watch.retention.purge", purge)
    result = run(make(), "purge")
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    said = "Stopped." if isinstance(fault, KeyboardInterrupt) else "Cannot go on: No space left"
    assert result.output.startswith(f"Error: {said}")
