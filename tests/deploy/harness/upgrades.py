"""`flask db upgrade` as a process that can be stopped at any statement, and what it made.

As a program (`python -m tests.deploy.harness.upgrades N`) it runs the upgrade and, at its Nth
change of the database, waits for a line of its standard input.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask.cli import main
from sqlalchemy import Engine, event, inspect

from config import PREFIX, ROOT
from wxlogin.database.revisions import scripts

CHANGES = ("CREATE", "ALTER", "DROP", "INSERT", "UPDATE")
HEAD = scripts().get_current_head()
"""The revision that this program is written for."""
HELD = "held at a statement"
FLASK = Path(sys.executable).parent / "flask"
FORKS = multiprocessing.get_context("forkserver")
"""Starts processes that have imported the program already."""
FORKS.set_forkserver_preload([__name__, "wxlogin.app"])


def environment(url: str, **settings: str) -> dict[str, str]:
    """What a command needs to work on this database, and settings without their prefix."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    named = {"ENV": "testing", "REDIS_URL": "unix:///nowhere", "DATABASE_URL": url} | settings
    return inherited | {PREFIX + name: text for name, text in named.items()}


def upgrade(url: str, *words: str, **settings: str) -> subprocess.Popen[str]:
    """Start the documented command, or one that waits at its Nth change."""
    command = [str(FLASK), "--app", "wsgi", "db", "upgrade"]
    if words:
        command = [sys.executable, "-m", "tests.deploy.harness.upgrades", *words]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(url, **settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def killed(url: str, number: int, **settings: str) -> int | None:
    """Run an upgrade that is killed at its Nth change; the exit status."""
    given = environment(url, **settings)
    process = FORKS.Process(target=_upgrade_until_killed, args=(given, number))
    process.start()
    process.join(60)
    return process.exitcode


def said(process: subprocess.Popen[str]) -> str:
    """What a process that ended well said."""
    text, _ = process.communicate(timeout=60)
    assert process.returncode == 0, text
    return text


def _stopped_at(number: int, stop: Callable[[], None]) -> None:
    """Stop before the changes with odd numbers, and after those with even ones."""
    seen = 0

    def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal seen
        seen += statement.lstrip().upper().startswith(CHANGES)
        if seen == number and number % 2:
            stop()

    def after(*_: Any) -> None:
        if seen == number:
            stop()

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "after_cursor_execute", after)


def _upgrade_until_killed(environ: dict[str, str], number: int) -> None:
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(ROOT)
    _stopped_at(number, lambda: os.kill(os.getpid(), signal.SIGKILL))
    _upgrade()


def _wait() -> None:
    sys.stdout.write(f"{HELD}\n")
    sys.stdout.flush()
    sys.stdin.readline()


def shape(engine: Engine) -> dict[str, list[str]]:
    """Columns, keys, constraints and indexes of every table, the order of indexes aside."""
    inspector = inspect(engine)
    return {
        name: [
            *(repr(_plain(column)) for column in inspector.get_columns(name)),
            repr(inspector.get_pk_constraint(name)),
            *sorted(repr(_plain(row)) for row in inspector.get_foreign_keys(name)),
            *sorted(repr(_plain(row)) for row in inspector.get_unique_constraints(name)),
            *sorted(repr(_plain(row)) for row in inspector.get_indexes(name)),
        ]
        for name in inspector.get_table_names()
    }


def _plain(row: Any) -> dict[str, str]:
    return {key: repr(value) for key, value in row.items()}


def _upgrade() -> None:
    sys.argv = ["flask", "--app", "wsgi", "db", "upgrade"]
    main()


if __name__ == "__main__":
    _stopped_at(int(sys.argv[1]), _wait)
    _upgrade()
