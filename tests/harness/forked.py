"""Processes that begin with their imports done: forked from a server, instead of executed.

What runs is the command line, as a process of its own with its own directory, environment, files
and session. What Python reads of the environment as it starts (PYTHON*, LC_*, TZ) is the server's,
and so is the name that `ps` shows. tests/docs and some tests of commands and gunicorn execute.
"""

from __future__ import annotations

import atexit
import errno
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

from config import ROOT
from tests.harness import fork_server
from tests.harness.timing import eventually

File = int | IO[str] | IO[bytes] | None
START_SECONDS = 120.0


class ForkedProcess:
    """A process that was forked, as subprocess.Popen has it."""

    def __init__(self, command: Sequence[str], report: socket.socket) -> None:
        self.args = list(command)
        self.returncode: int | None = None
        self._report = report
        self._report.settimeout(START_SECONDS)
        pid = self._report.recv(32)
        assert pid, "the fork server ended; what it says stands with the first test that asked it"
        self.pid = int(pid)

    def poll(self) -> int | None:
        """Return the exit status, None while it runs."""
        with suppress(BlockingIOError):
            self._hear(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit status; subprocess.TimeoutExpired after that."""
        try:
            self._hear(timeout)
        except TimeoutError:
            raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _hear(self, timeout: float | None) -> None:
        if self.returncode is None:
            self._report.settimeout(timeout)
            # A server that is gone says nothing; what it forked went with it.
            self.returncode = int(self._report.recv(32) or -signal.SIGKILL)
            self._report.close()


def start(
    command: Sequence[str],
    environment: Mapping[str, str],
    directory: Path = ROOT,
    *,
    files: tuple[File, File, File] = (subprocess.DEVNULL, None, None),
    new_session: bool = False,
    death_signal: signal.Signals | None = None,
    listeners: Sequence[socket.socket] = (),
) -> ForkedProcess:
    """Start a command with these standard streams; None is this process's own.

    `listeners` are passed as a service manager passes them.
    """
    if sys.platform != "linux":  # elsewhere a process has no file descriptor
        stdin, stdout, stderr = files
        return subprocess.Popen(  # type: ignore[return-value]
            command,
            cwd=directory,
            env=environment,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=new_session,
        )
    order = {
        "command": list(command),
        "directory": str(directory),
        "environment": dict(environment),
        "new_session": new_session,
        "death_signal": int(death_signal or 0),
    }
    report, far_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with far_end, Path(os.devnull).open("r+b") as nothing:
        streams = [_descriptor(file, number, nothing) for number, file in enumerate(files)]
        sent = [*streams, far_end.fileno(), *(one.fileno() for one in listeners)]
        kind = "gunicorn" if "gunicorn" in command else "flask"
        socket.send_fds(_server(kind), [json.dumps(order).encode()], sent)
        return ForkedProcess(command, report)


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    directory: Path = ROOT,
    *,
    stdin: File = subprocess.DEVNULL,
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and keep what it writes."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        process = start(command, environment, directory, files=(stdin, out, errors))
        try:
            status = process.wait(timeout)
        finally:
            process.kill()
        out.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(process.args, status, out.read(), errors.read())


def _descriptor(file: File, number: int, nothing: IO[bytes]) -> int:
    if file is None:
        return number
    if file == subprocess.DEVNULL:
        return nothing.fileno()
    return file if isinstance(file, int) else file.fileno()


@cache
def _server(kind: str) -> socket.socket:
    """Connect to the server of this kind, which all processes of a test run share.

    The first to come starts it, the last to leave ends it.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    name = f"\0wxlogin-{kind}-{run}"
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        try:
            listener.bind(name)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            # Another process was first.
            eventually(lambda: control.connect_ex(name) == 0)
            atexit.register(control.close)
            return control
        listener.listen()
        control.connect(name)  # the server ends once nobody is connected
        server = subprocess.Popen(
            [sys.executable, "-m", fork_server.__name__, kind, str(listener.fileno())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(listener.fileno(),),
        )
    atexit.register(_leave, control, server)
    return control


def _leave(control: socket.socket, server: subprocess.Popen[bytes]) -> None:
    control.close()
    server.returncode = 0  # it may outlive this process, of which Python would warn
