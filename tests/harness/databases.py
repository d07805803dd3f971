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
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pymysql

START_SECONDS = 30.0
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

    _ends_by_int = False
    _scheme = ""

    def _serve(self) -> Sequence[str | Path]:
        raise NotImplementedError

    def _execute(self, statement: str) -> None:
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


class MariaDbServer(DatabaseServer):
    """A MariaDB with its own defaults, whose own time zone is not UTC."""

    _scheme = "mysql+pymysql://root@127.0.0.1:"

    def __init__(self, server: Path, installer: Path) -> None:
        super().__init__("mysql")
        self._server = server
        options = ["--auth-root-authentication-method=normal", "--skip-test-db"]
        self._prepare([installer, "--no-defaults", f"--datadir={self.directory}/data", *options])

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
        with (
            pymysql.connect(
                host="127.0.0.1", port=self.port, user="root", connect_timeout=5
            ) as sql,
            sql.cursor() as cursor,
        ):
            cursor.execute(statement)


def postgres() -> Iterator[PostgresServer | None]:
    """A running PostgreSQL; None where it is not installed."""
    server = binary("postgres")
    if server is None or not (server.parent / "initdb").exists():
        yield None
    else:
        yield from _running(PostgresServer(server.parent))


def mariadb() -> Iterator[MariaDbServer | None]:
    """A running MariaDB; None where it is not installed."""
    server, installer = binary("mariadbd"), binary("mariadb-install-db")
    if server is None or installer is None:
        yield None
    else:
        yield from _running(MariaDbServer(server, installer))


def _running(server: DatabaseServer) -> Iterator[DatabaseServer]:
    try:
        server.start()
        yield server
    finally:
        server.remove()


def _unprivileged(name: str) -> pwd.struct_passwd | None:
    """The account to run as where this process is root's."""
    if os.geteuid() != 0:
        return None
    known = {account.pw_name: account for account in pwd.getpwall()}
    return known.get(name) or known["nobody"]
