"""Programs of Redis' family on loopback ports of their own, and how long they are waited for."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import redis

from wxlogin.development.die_with_parent import die_with_parent

START_SECONDS = 120.0


FIRST_PORT, PORTS = 20_000, 3_000
NUMBERS = count()


def free_port() -> int:
    """A port that nobody listens on, of this worker's own range.

    The range is below the ports that the system gives to others: until the caller listens, neither
    a connection nor another process of the run takes it.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    for number in NUMBERS:
        port = FIRST_PORT + worker % 4 * PORTS + number % PORTS
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("unreachable: the numbers have no end")


def until(holds: Callable[[], object], what: str, seconds: float = 120.0) -> None:
    """Wait until something holds; a Redis fault means that it does not yet."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except redis.RedisError:
            pass
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.02)


class RedisProcess:
    """A server started with a command; `client` says how to reach it, beside host and port."""

    def __init__(self, directory: Path, command: Sequence[str], port: int, **client: Any) -> None:
        self.port = port
        self.log = directory / f"{port}.log"
        self._command = list(command)
        self._client = client
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                die_with_parent(self._command, signal.SIGKILL),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={"LC_ALL": "C"},
            )
        until(lambda: self.ended or self.ask("PING"), "an answer to PING", START_SECONDS)
        assert not self.ended, self.log.read_text(encoding="utf-8")

    @property
    def ended(self) -> bool:
        """Whether it ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def ask(self, *words: str | int) -> Any:
        """One command over a connection of its own."""
        with redis.Redis(
            host="127.0.0.1", port=self.port, socket_timeout=10, protocol=2, **self._client
        ) as client:
            return client.execute_command(*words)

    def pause(self) -> None:
        """Freeze it: connections stay, answers do not come."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End it by SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it if it was started."""
        if self._process is not None:
            self.kill()
