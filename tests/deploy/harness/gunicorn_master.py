"""A gunicorn that is steered by signals, as an operator or a service manager does it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import requests

from config import ROOT
from tests.development.command import children
from tests.harness import forked
from tests.harness.forked import ForkedProcess
from tests.harness.leaks import run_log
from tests.harness.timing import eventually

CONFIGURATION = "deploy/gunicorn.conf.py"
LONG = 180.0


class Master:
    """Gunicorn with two workers on a socket that the test opened; all of it ends with the block.

    The socket stays open, so that the next one may serve on it as after a restart.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        log: Path,
        *words: str,
        configuration: str | Path = CONFIGURATION,
        listener: socket.socket | None = None,
    ) -> None:
        self.log = log
        self.listener = listener or socket.create_server(("127.0.0.1", 0), backlog=2048)
        own = ["-c", str(configuration), "--workers", "2", *words, "wsgi:app"]
        self._command = [sys.executable, "-m", "gunicorn", *own]
        self._environment = environment
        self._process: ForkedProcess | None = None
        self._heard = 0

    def __enter__(self) -> Master:
        try:
            self.start()
            eventually(self.ready, LONG)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        self.listener.close()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    @property
    def process(self) -> ForkedProcess:
        """The master that was started first."""
        assert self._process is not None
        return self._process

    def start(self) -> None:
        """Start it; nothing is waited for."""
        with self.log.open("ab") as log:
            self._process = forked.start(
                self._command,
                self._environment,
                files=(subprocess.DEVNULL, log, log),
                new_session=True,
                death_signal=signal.SIGKILL,
                listeners=[self.listener],
            )

    def ready(self) -> bool:
        """Whether both workers have said that they serve; a master that ended is a fault."""
        assert self.process.poll() is None, self.said()
        return len(self.workers()) == 2 and self.answers()

    def answers(self) -> bool:
        """Whether somebody answers on the socket."""
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"{self.url}/healthz", timeout=LONG).ok
        return False

    def workers(self) -> set[int]:
        """The processes of the workers; while one ends, Linux may leave another out."""
        return set(children(self.process.pid))

    def wait_for_workers(self, wanted: set[int]) -> None:
        """Wait until these are the workers."""
        eventually(lambda: self.workers() == wanted, LONG)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the master."""
        self.process.send_signal(number)

    def said(self) -> str:
        """What it has written."""
        text = self.log.read_text(encoding="utf-8")
        run_log.hear(text[self._heard :], "gunicorn")
        self._heard = len(text)
        return text

    def wait_for(self, words: str, times: int = 1) -> None:
        """Wait until it has written these words so often."""
        eventually(lambda: self.said().count(words) >= times, LONG)

    def wait_for_others_than(self, old: set[int]) -> None:
        """Wait until two workers serve and none of the old ones is left."""
        eventually(lambda: len(self.workers()) == 2 and not self.workers() & old, LONG)

    def stop(self) -> int:
        """End it as a service manager does; its exit status."""
        self.signal(signal.SIGTERM)
        return self.process.wait(LONG)

    def close(self) -> None:
        """End all of it, new masters too."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(LONG)
        self.said()


def replies(command: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """The exit status and the words of a gunicorn that does not come up."""
    with tempfile.TemporaryFile("w+") as said:
        process = forked.start(command, environment, files=(subprocess.DEVNULL, said, said))
        try:
            status = process.wait(LONG)
        finally:
            process.kill()
        said.seek(0)
        return status, heard(said.read())


def executed(command: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """The same of any Python, with all that it does as it starts."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONG,
        check=False,
    )
    return done.returncode, heard(done.stdout)


def heard(said: str) -> str:
    """Keep what was said for the search, too."""
    run_log.hear(said, "gunicorn")
    return said
