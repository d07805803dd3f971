"""People at once: calls that are made at the same moment, and those who go on meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

Result = TypeVar("Result")


class Crowd:
    """So many at once, each on a thread of its own, until the block ends; it raises their faults.

    What is shared among them is changed under `_changed`, and `_stop` tells each to come to an end.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._pool = ThreadPoolExecutor(size)
        self._running: list[Future[None]] = []

    def __enter__(self) -> Self:
        self._running = [self._pool.submit(self._go_on, number) for number in range(self._size)]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._pool.shutdown()
        for one in self._running:
            one.result()

    def _go_on(self, number: int) -> None:
        """What each of them does until it is told to stop."""
        raise NotImplementedError


def together(calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """Make every call on a thread of its own, all released at once; their results in order."""
    barrier = threading.Barrier(len(calls))

    def made(call: Callable[[], Result]) -> Result:
        barrier.wait(timeout=60)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(made, calls))
