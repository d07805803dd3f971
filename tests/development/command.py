"""Runs the development command as its user does, in a directory of the test's own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from coverage import Coverage

from config import PREFIX
from tests.harness import forked
from tests.harness.leaks import run_log

LONGEST_RUN = 300.0
WHERE = "the development command"
OWNER = re.compile(r"(\w+), password (\S+) \(shown this once\)")
TOKEN = re.compile(r"wxs_[A-Za-z0-9_.-]+")


def started(
    instance: Path, *arguments: str, **settings: str
) -> tuple[forked.ForkedProcess, TextIO]:
    """The command with these settings alone; its output and its parts' share one pipe."""
    measured = ["-m", "coverage", "run", "--parallel-mode"] if Coverage.current() else []
    command = [sys.executable, *measured, "-m", "wxlogin.development", "--instance", str(instance)]
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    reading, writing = os.pipe()
    try:
        files = (subprocess.DEVNULL, writing, writing)
        process = forked.start([*command, *arguments], {**inherited, **settings}, files=files)
    finally:
        os.close(writing)
    return process, os.fdopen(reading, encoding="utf-8")


def refused(instance: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    """The exit status and the words of a command that does not come up."""
    process, output = started(instance, *arguments, **settings)
    limit = threading.Timer(LONGEST_RUN, process.kill)
    limit.start()
    with output:
        said = output.read()
    status = process.wait(LONGEST_RUN)
    limit.cancel()
    run_log.hear(said, WHERE)
    return status, said


class Running:
    """A command that came up, its words read as they come."""

    def __init__(self, instance: Path, **settings: str) -> None:
        self._wx_secret = instance / "wx_secret"
        self.process, self._output = started(instance, "--bind", "127.0.0.1:0", **settings)
        self._limit = threading.Timer(LONGEST_RUN, self.process.kill)
        self._limit.start()
        try:
            self.startup_message = self.read_until("Ctrl-C")
        except BaseException:
            self.close()
            raise

    def read_until(self, words: str) -> list[str]:
        """The lines up to the one that holds `words`."""
        lines: list[str] = []
        for line in self._output:
            lines.append(line.rstrip("\n"))
            run_log.hear(line, WHERE)
            if words in line:
                return lines
        raise AssertionError(f"it ended before it said {words!r}:\n" + "\n".join(lines))

    def read_to_the_end(self) -> str:
        """All further words, until no process is left that could say one."""
        said = self._output.read()
        run_log.hear(said, WHERE)
        return said

    def place(self, name: str) -> str:
        """The address that the startup message gives for a part."""
        return next(line.split()[1] for line in self.startup_message if line.split()[:1] == [name])

    def command_lines(self) -> tuple[str, str, str]:
        """The lines to paste: sign in, call, sign out."""
        sign_in, call, sign_out = (
            line for line in self.startup_message if line.startswith(("TOKEN=", "curl "))
        )
        return sign_in, call, sign_out

    def owner(self) -> tuple[str, str] | None:
        """Name and password of the console's owner, where the startup message gives them."""
        found = OWNER.search("\n".join(self.startup_message))
        return (found[1], found[2]) if found else None

    def close(self) -> None:
        """End it if the test has not."""
        if self._output.closed:
            return
        if self.process.poll() is None:
            self.process.terminate()
        self.read_to_the_end()
        self._output.close()
        self.process.wait(LONGEST_RUN)
        self._limit.cancel()
        if self._wx_secret.exists():
            run_log.use([self._wx_secret.read_text()])


def pasted(*lines: str) -> str:
    """What a shell says to the lines."""
    done = subprocess.run(
        ["sh", "-e"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        timeout=LONGEST_RUN,
        check=True,
    )
    assert not done.stderr
    run_log.use(TOKEN.findall(done.stdout))
    return done.stdout


def children(pid: int) -> dict[int, str]:
    """The command line of every child of a process, by process id (Linux)."""
    pids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    found = {}
    for child in pids:
        with suppress(FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            found[int(child)] = Path(f"/proc/{child}/cmdline").read_text()
    return found
