"""A process that has imported what a command imports, and forks each command that a test starts.

Nearly all that a short command costs is its imports, a second of a CPU. `tests.harness.forked`
starts this as a process, which takes orders from all processes of a test run until the last of them
has left. It has no thread and no handler of a signal, so that what it forks begins as a process of
its own would. What one of them leaves running ends with the server, if its order says so.
"""

from __future__ import annotations

import ctypes
import fcntl
import gc
import importlib
import io
import json
import os
import runpy
import select
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

# Nothing of the program stands here: what it imports is imported in its own order.
ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1  # <sys/prctl.h>
COMMANDS = ("flask.cli", "wxlogin.app", *(f"wxlogin.development.{n}" for n in ("app", "services")))
GUNICORN = ("gunicorn.app.wsgiapp",)
MAX_BYTES, MAX_FILES = 200_000, 8
FIRST_FILE = 32
"""What is imported opens files from here on: those below are free in a new process."""
# gevent would put its own in place of these.
_select = select.select


class Order:
    """What a test asks for: a command line, its directory, environment and files."""

    def __init__(self, text: bytes, files: list[int]) -> None:
        given: dict[str, Any] = json.loads(text)
        self.command: list[str] = given["command"]
        self.directory: str = given["directory"]
        self.environment: dict[str, str] = given["environment"]
        self.new_session: bool = given["new_session"]
        self.death_signal: int = given["death_signal"]
        self.streams, self.report, self.listeners = files[:3], files[3], files[4:]


def preload(kind: str) -> None:
    """Import what all commands of this kind import, in the order in which they do."""
    for name in GUNICORN if kind == "gunicorn" else COMMANDS:
        importlib.import_module(name)
    if kind == "gunicorn":  # it patches before it imports the app
        runpy.run_path(str(ROOT / "deploy/gunicorn.conf.py"))
    gc.collect()
    gc.freeze()


def next_order(listener: socket.socket) -> Order | None:
    """Return in each forked process its order; in this one None, once nobody gives orders."""
    server = os.getpid()
    running: dict[int, tuple[int, int]] = {}
    givers: list[socket.socket] = []
    # Whoever starts it is connected by then.
    while givers or _select([listener], [], [], 0)[0]:
        for ready in _select([listener, *givers, *running], [], [])[0]:
            if ready is listener:
                givers += _accepted(listener)
                continue
            if isinstance(ready, int):
                _report_end(ready, *running.pop(ready))
                continue
            text, files, *_ = socket.recv_fds(ready, MAX_BYTES, MAX_FILES)
            if not text:
                givers.remove(ready)
                ready.close()
                continue
            order = Order(text, files)
            if (pid := os.fork()) == 0:
                reports = [report for _, report in running.values()]
                _leave([listener, *givers], order, [*running, *reports])
                _die_with(server, order.death_signal)
                return order
            for file in (*order.streams, *order.listeners):
                os.close(file)
            with suppress(BrokenPipeError):  # who ordered it is gone
                os.write(order.report, b"%d" % pid)
            running[os.pidfd_open(pid)] = (pid, order.report)
    return None


def _accepted(listener: socket.socket) -> list[socket.socket]:
    """Return the next process that gives orders; another user's is turned away."""
    giver, _ = listener.accept()
    credentials = giver.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    if struct.unpack("3i", credentials)[1] == os.getuid():
        return [giver]
    giver.close()
    return []


def _report_end(watched: int, pid: int, report: int) -> None:
    _, status = os.waitpid(pid, 0)
    with suppress(BrokenPipeError):  # nobody waits for it
        os.write(report, b"%d" % os.waitstatus_to_exitcode(status))
    os.close(report)
    os.close(watched)


def _leave(sockets: list[socket.socket], order: Order, files: list[int]) -> None:
    """Close what is the server's."""
    for one in sockets:
        one.close()
    os.closerange(3, FIRST_FILE)
    for file in (*files, order.report):
        os.close(file)


def _die_with(server: int, death_signal: int) -> None:
    if death_signal:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != server:
            sys.exit(1)


def become(order: Order) -> None:
    """Be the process that was ordered, and run its command to the end."""
    if order.new_session:
        os.setsid()
    os.chdir(order.directory)
    os.environ.clear()
    os.environ.update(order.environment)
    for number, file in enumerate(order.streams):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = sys.__stdin__ = _opened(0, sys.stdin)
    sys.stdout = sys.__stdout__ = _opened(1, sys.stdout)
    sys.stderr = sys.__stderr__ = _opened(2, sys.stderr)
    if order.listeners:  # as a service manager passes them
        for number, file in enumerate(order.listeners, 3):
            os.dup2(file, number)
            os.close(file)
        os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(order.listeners))}
    _run(order.command)


def _opened(number: int, before: TextIO) -> TextIO:
    """Return a standard stream as Python opens it when it starts."""
    assert isinstance(before, io.TextIOWrapper)
    raw = number > 0 and before.write_through
    return io.TextIOWrapper(
        open(number, "wb" if number else "rb", buffering=0 if raw else -1, closefd=False),
        encoding=before.encoding,
        errors=before.errors,
        line_buffering=number == 2 or os.isatty(number),
        write_through=raw,
    )


def _run(command: list[str]) -> None:
    """Run `python -m MODULE ...` or a console script, with its own beginning of the path."""
    if command[:2] == [sys.executable, "-m"]:
        sys.argv, sys.path[0] = command[2:], str(Path.cwd())
        runpy.run_module(command[2], run_name="__main__", alter_sys=True)
    else:
        sys.argv, sys.path[0] = command, str(Path(command[0]).parent)
        runpy.run_path(command[0], run_name="__main__")


def main(kind: str, descriptor: str) -> None:
    """Serve until the last process has left; a forked process returns from here with its order."""
    listener = socket.socket(fileno=fcntl.fcntl(int(descriptor), fcntl.F_DUPFD_CLOEXEC, FIRST_FILE))
    os.close(int(descriptor))
    for number in range(3, FIRST_FILE):
        os.dup2(0, number)
    preload(kind)
    order = next_order(listener)
    if order is not None:
        become(order)


if __name__ == "__main__":
    main(*sys.argv[1:])
