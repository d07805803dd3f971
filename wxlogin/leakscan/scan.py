"""A scan: tasks over as many processes as there are CPUs, and what came of them."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from wxlogin.leakscan.batches import batches
from wxlogin.leakscan.content import Search
from wxlogin.leakscan.findings import Finding
from wxlogin.leakscan.members import NotReadable

BATCH = 4 << 20
"""How many bytes one process gets at a time."""
FEW = 24 << 20
"""Less than this is searched sooner than other processes are started."""


class Task(Protocol):
    """A part of what is searched."""

    @property
    def path(self) -> str:
        """Its file or repository."""

    @property
    def length(self) -> int:
        """How many bytes are to be searched."""

    def findings(self, search: Search, appid: str) -> Iterator[Finding]:
        """Yield the findings; raise NotReadable or OSError if it cannot be searched."""


class Skipped(NamedTuple):
    """A file that was not searched, or not whole, and why: `cannot be read: ...`."""

    path: str
    reason: str


class Batch(NamedTuple):
    """What was found in some tasks."""

    findings: list[Finding]
    skipped: list[Skipped]
    searched: int


class How(NamedTuple):
    """How every task is searched; `appid` opens encrypted packages."""

    search: Search
    appid: str = ""


@dataclass
class Scan:
    """What has been found so far; whole once `run` returns."""

    how: How
    findings: list[Finding] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    searched: int = 0

    def run(self, tasks: Sequence[Task], tell: Callable[[int, int], None]) -> None:
        """Search all tasks; `tell` is called with the bytes done, and all."""
        whole = sum(task.length for task in tasks)
        tell(0, whole)
        for batch in _in_processes(self.how, tasks) if whole > FEW else _here(self.how, tasks):
            self.findings += batch.findings
            self.skipped += batch.skipped
            self.searched += batch.searched
            tell(self.searched, whole)


def _here(how: How, tasks: Iterable[Task]) -> Iterator[Batch]:
    return (_searched(how, batch) for batch in _batches(tasks))


def _in_processes(how: How, tasks: Iterable[Task]) -> Iterator[Batch]:
    # Spawned, not forked: the parent may have threads and connections of an app.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(_cpus(), context, initializer=_begin, initargs=(how,))
    try:
        for done in as_completed([pool.submit(_work, batch) for batch in _batches(tasks)]):
            yield done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _batches(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    return batches(tasks, lambda task: task.length, BATCH)


_how: list[How] = []
"""What a worker process was started with."""


def _begin(how: How) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends them
    _how.append(how)


def _work(tasks: list[Task]) -> Batch:
    return _searched(_how[0], tasks)


def _searched(how: How, tasks: list[Task]) -> Batch:
    found: list[Finding] = []
    skipped = []
    for task in tasks:
        try:
            found.extend(task.findings(how.search, how.appid))
        except NotReadable as fault:
            skipped.append(Skipped(task.path, str(fault)))
        except OSError as fault:
            skipped.append(Skipped(task.path, f"cannot be read: {fault.strerror}"))
    return Batch(found, skipped, sum(task.length for task in tasks))


def _cpus() -> int:
    """Return how many CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
