"""Private PostgreSQL and MariaDB servers, each in a directory and on a loopback port of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pymysql
import pytest
from pymysql.cursors import Cursor

START_SECONDS = 120.0
PLACES = ("/usr/local/bin", "/usr/sbin", "/usr/local/sbin", "/usr/lib/postgresql/*/bin")


def binary(*names: str) -> Path | None:
    """The first program of these names, in PATH or where distributions hide servers."""
    for name in names:
        hidden = [
            path for place in PLACES for path in sorted(Path("/").glob(f"{place[1:]}/{name}"))
        ]
        for path in [shutil.which(name), *reversed(hidden)]:
            if path and os.access(path, os.X_OK):
                return Path(path).resolve()
    return None


class DatabaseServer:
    """One server. It refuses to run as root, so it runs as `user` or as nobody where root asks."""

    def __init__(self, user: str) -> None:
        self._owner = _unprivileged(user)
        self.directory = Path(tempfile.mkdtemp(prefix="wxlogin-db-"))
        if self._owner:
            os.chown(self.directory, self._owner.pw_uid, self._owner.pw_gid)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._template: str | None = None

    def start(self) -> None:
        """Start it, or start it again with its data, and wait until it answers."""
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._serve(), stdout=log, stderr=log, **self._as_owner()
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, (self.directory / "log").read_text()
            assert time.monotonic() < deadline, (self.directory / "log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """End it; whoever is connected is cut off."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT if self._ends_by_int else signal.SIGTERM)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Freeze it: connections stay, answers do not come."""
        assert self._process is not None
        tasks = Path(f"/proc/{self._process.pid}/task").glob("*/children")
        children = " ".join(task.read_text() for task in tasks).split()
        pids = [self._process.pid, *map(int, children)]
        _send(pids, signal.SIGSTOP)
        try:
            yield
        finally:
            _send(pids, signal.SIGCONT)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Let it refuse writes."""
        self._set_read_only(on=True)
        try:
            yield
        finally:
            self._set_read_only(on=False)

    def remove(self) -> None:
        """End it and delete its files."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def database(self) -> str:
        """The URL of an empty database, made as an administrator would without further thought."""
        self._databases += 1
        name = f"wxlogin{self._databases}"
        self._execute(f"CREATE DATABASE {name}")
        return f"{self._scheme}{self.port}/{name}"

    def migrated_database(self, migrate: Callable[[str], None]) -> str:
        """As `database`, with all tables: copies of one database, which `migrate` is given once."""
        if self._template is None:
            self._template = self.database()
            migrate(self._template)
        template = self._template.rpartition("/")[2]
        self._databases += 1
        copy = f"wxlogin{self._databases}"
        self._copy(template, copy)
        return f"{self._scheme}{self.port}/{copy}"

    def database_by_socket(self) -> str:
        """As `database`, by the server's socket: from any network, and from this host alone."""
        return self._by_socket(self.database().rpartition("/")[2])

    _ends_by_int = False
    _scheme = ""

    def _by_socket(self, name: str) -> str:
        raise NotImplementedError

    def _serve(self) -> Sequence[str | Path]:
        raise NotImplementedError

    def _execute(self, statement: str) -> None:
        raise NotImplementedError

    def _copy(self, template: str, copy: str) -> None:
        raise NotImplementedError

    def _set_read_only(self, *, on: bool) -> None:
        raise NotImplementedError

    def _answers(self) -> bool:
        try:
            self._execute("SELECT 1")
        except (psycopg.OperationalError, pymysql.OperationalError):
            return False
        return True

    def _prepare(self, command: Sequence[str | Path]) -> None:
        done = subprocess.run(command, capture_output=True, check=False, **self._as_owner())
        assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")

    def _as_owner(self) -> dict[str, object]:
        rights = {"cwd": self.directory, "env": {"LC_ALL": "C", "PATH": os.defpath}}
        if self._owner:
            rights |= {"user": self._owner.pw_uid, "group": self._owner.pw_gid, "extra_groups": []}
        return rights


class PostgresServer(DatabaseServer):
    """A PostgreSQL whose own time zone is not UTC."""

    _ends_by_int = True
    _scheme = "postgresql+psycopg://wxlogin@127.0.0.1:"

    def __init__(self, programs: Path) -> None:
        super().__init__("postgres")
        self._programs = programs
        options = ["-U", "wxlogin", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        self._prepare([programs / "initdb", "-D", self.directory / "data", *options])

    def _by_socket(self, name: str) -> str:
        return f"postgresql+psycopg://wxlogin@/{name}?host={self.directory}&port={self.port}"

    def _serve(self) -> Sequence[str | Path]:
        listen = ["-h", "127.0.0.1", "-p", str(self.port), "-k", self.directory]
        return [
            self._programs / "postgres",
            "-D",
            self.directory / "data",
            *listen,
            "-F",
            "-c",
            "timezone=Asia/Shanghai",
        ]

    def _execute(self, statement: str) -> None:
        address = f"postgresql://wxlogin@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement.encode())

    def _copy(self, template: str, copy: str) -> None:
        self._execute(f"CREATE DATABASE {copy} TEMPLATE {template}")

    @contextmanager
    def standing_by(self) -> Iterator[None]:
        """Let it be a standby, as one that lost its primary; then it is promoted."""
        self.stop()
        (self.directory / "data" / "standby.signal").touch()
        self.start()
        try:
            yield
        finally:
            self._execute("SELECT pg_promote()")

    def _set_read_only(self, *, on: bool) -> None:
        self._execute(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if on else 'off'}")
        self._execute("SELECT pg_reload_conf()")


class MariaDbServer(DatabaseServer):
    """A MariaDB with its own defaults, whose own time zone is not UTC."""

    _scheme = "mysql+pymysql://root@127.0.0.1:"

    def __init__(self, server: Path, installer: Path) -> None:
        super().__init__("mysql")
        self._server = server
        options = ["--auth-root-authentication-method=normal", "--skip-test-db"]
        self._prepare([installer, "--no-defaults", f"--datadir={self.directory}/data", *options])

    def _by_socket(self, name: str) -> str:
        return f"mysql+pymysql://root@localhost/{name}?unix_socket={self.directory}/socket"

    def _serve(self) -> Sequence[str | Path]:
        return [
            self._server,
            "--no-defaults",
            f"--datadir={self.directory}/data",
            f"--socket={self.directory}/socket",
            f"--pid-file={self.directory}/pid",
            "--bind-address=127.0.0.1",
            f"--port={self.port}",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=16M",
            "--default-time-zone=+08:00",
        ]

    def _execute(self, statement: str) -> None:
        with self._connected() as cursor:
            cursor.execute(statement)

    def _copy(self, template: str, copy: str) -> None:
        with self._connected() as cursor:
            cursor.execute(f"CREATE DATABASE {copy}")
            cursor.execute("SET foreign_key_checks = 0")
            cursor.execute(f"USE {copy}")
            for table in _column(cursor, f"SHOW TABLES FROM {template}", 0):
                (made,) = _column(cursor, f"SHOW CREATE TABLE {template}.`{table}`", 1)
                cursor.execute(made)
                cursor.execute(f"INSERT INTO `{table}` SELECT * FROM {template}.`{table}`")

    @contextmanager
    def _connected(self) -> Iterator[Cursor]:
        address = {"host": "127.0.0.1", "port": self.port, "user": "root"}
        options = {"connect_timeout": 5, "autocommit": True}
        with pymysql.connect(**address, **options) as sql, sql.cursor() as cursor:
            yield cursor

    def _set_read_only(self, *, on: bool) -> None:
        self._execute(f"SET GLOBAL read_only = {int(on)}")


def postgres() -> Iterator[DatabaseServer]:
    """A running PostgreSQL; where it is not installed, the tests that want it are skipped."""
    server = binary("postgres")
    if server is None or not (server.parent / "initdb").exists():
        pytest.skip("postgresql is not installed (apt-get install postgresql)")
    yield from _running(PostgresServer(server.parent))


def mariadb() -> Iterator[DatabaseServer]:
    """A running MariaDB; where it is not installed, the tests that want it are skipped."""
    server, installer = binary("mariadbd"), binary("mariadb-install-db")
    if server is None or installer is None:
        pytest.skip("mariadb is not installed (apt-get install mariadb-server)")
    yield from _running(MariaDbServer(server, installer))


def _running(server: DatabaseServer) -> Iterator[DatabaseServer]:
    try:
        server.start()
        yield server
    finally:
        server.remove()


def _column(cursor: Cursor, query: str, number: int) -> list[str]:
    cursor.execute(query)
    return [str(row[number]) for row in cursor.fetchall()]


def _send(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _unprivileged(name: str) -> pwd.struct_passwd | None:
    """The account to run as where this process is root's."""
    if os.geteuid() != 0:
        return None
    known = {account.pw_name: account for account in pwd.getpwall()}
    return known.get(name) or known["nobody"]
