"""A server as a group of processes on loopback: started, waited for, its CPU read, ended."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from config import ROOT
from wxlogin.development.die_with_parent import die_with_parent

START_SECONDS = 120.0
STOP_SECONDS = 8.0
SETTLE_SECONDS = 30.0
IDLE_SHARE = 0.2
"""Of a core: what runs in the background of a server at rest takes less."""
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """One server of the bench; it dies with this process."""

    def __init__(
        self,
        command: Sequence[str],
        port: int,
        environment: Mapping[str, str],
        log: Path,
        root: Path = ROOT,
    ) -> None:
        self.port = port
        self._root = root
        self._command = list(command)
        self._environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **environment}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                die_with_parent(self._command, signal.SIGTERM),
                cwd=self._root,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # its processes are a group of their own
            )
        try:
            self._wait()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def children(self) -> set[int]:
        """The processes that it started itself: the workers of a gunicorn (Linux)."""
        assert self._process is not None
        pid = self._process.pid
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return {int(child) for child in text.split()}

    def cpu_seconds(self) -> float:
        """The CPU time, user and system, that its processes have taken; 0 where /proc is not."""
        assert self._process is not None
        group = self._process.pid
        return sum(_ticks(stat, group) for stat in Path("/proc").glob("[0-9]*/stat")) / TICKS

    def settle(self) -> None:
        """Wait until it does hardly anything any more, for as long as SETTLE_SECONDS."""
        deadline = time.monotonic() + SETTLE_SECONDS
        busy = True
        while busy and time.monotonic() < deadline:
            before = self.cpu_seconds()
            time.sleep(0.5)
            busy = self.cpu_seconds() - before > IDLE_SHARE * 0.5

    def _wait(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while not _answers(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                end = self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
                raise SystemExit(f"{self._command[0]} did not start:\n{end}")
            time.sleep(0.1)

    def _end(self) -> None:
        assert self._process is not None
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _ticks(stat: Path, group: int) -> int:
    """The clock ticks of one process, if it is of this group (proc(5))."""
    try:
        text = stat.read_text(encoding="ascii", errors="replace")
    except OSError:  # it has ended
        return 0
    # The name in brackets may hold anything; the group is the third word behind it.
    words = text[text.rindex(")") + 2 :].split()
    return int(words[11]) + int(words[12]) if int(words[2]) == group else 0


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/nowhere")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()
