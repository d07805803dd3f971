"""A PostgreSQL of the bench's own, and what keeps its figures apart from chance."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import psycopg
from sqlalchemy import Connection, Engine, text

from wxlogin.database.postgres_connection import Connection as PostgresConnection

START_SECONDS = 60.0
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "512MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "autovacuum": "off",  # it comes when it likes; `maintain` does its work
    "max_parallel_workers_per_gather": "0",  # a query's CPU time is that of one process
    "jit": "off",
}


@contextmanager
def postgres() -> Iterator[str]:
    """Yield the URL of an empty database; its files are deleted in the end."""
    directory = Path(tempfile.mkdtemp(prefix="wxlogin-bench-"))
    owner = _owner(directory)
    initdb = ["-U", "wxlogin", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
    command = [_program("initdb"), "-D", str(directory / "data"), *initdb]
    subprocess.run(command, check=True, user=owner, stdout=subprocess.DEVNULL, cwd=directory)
    options = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]
    command = [_program("postgres"), "-D", str(directory / "data"), "-k", str(directory), *options]
    with (directory / "log").open("ab") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, user=owner, cwd=directory)
    try:
        _wait(f"user=wxlogin dbname=postgres host={directory}")
        yield f"postgresql+psycopg://wxlogin@/postgres?host={directory}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()
        shutil.rmtree(directory)


def has_postgres() -> bool:
    """Return whether `postgres` finds the programs that it needs."""
    return _found("initdb") is not None


def wait_for_long_statements(connection: Connection) -> None:
    """Wait an hour for each answer of PostgreSQL; the app waits as long as a request may take."""
    cast("PostgresConnection", connection.connection.dbapi_connection).answer_seconds = 3600


def maintain(sql: Engine) -> None:
    """Do what PostgreSQL does by itself within a minute of so many writes."""
    if sql.dialect.name == "postgresql":
        with sql.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            wait_for_long_statements(connection)
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM ANALYZE"))
            connection.execute(text("RESET statement_timeout"))


def _owner(directory: Path) -> int | None:
    """Return who runs the server where this is root, whom it refuses; the directory is theirs."""
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam("postgres")
    os.chown(directory, user.pw_uid, user.pw_gid)
    return user.pw_uid


def _program(name: str) -> str:
    found = _found(name)
    if not found:
        raise SystemExit(f"there is no {name} of PostgreSQL on this machine")
    return found


def _found(name: str) -> str | None:
    """Return a program of PostgreSQL, in PATH or where distributions hide it."""
    hidden = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(hidden[-1]) if hidden else shutil.which(name)


def _wait(address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(address, connect_timeout=5).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
