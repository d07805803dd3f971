"""Fault injection for WeChat's calls: delays, refusals, broken responses."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

_NUMBERS: dict[str, tuple[type | tuple[type, ...], float, float]] = {
    "delay": ((int, float), 0, 60),
    "errcode": (int, -1, 10**7),
    "status": (int, 200, 599),
    "size": (int, 0, 10 * 2**20),
}
_TEXTS = {"errmsg": 1000, "content_type": 100}


@dataclass(frozen=True)
class Fault:
    """The fault of one call. A ValueError names the field that is out of bounds.

    delay: seconds to wait. errcode, errmsg: refuse with these (default errmsg: WeChat's). status:
    HTTP status. body: the raw response. size: pad the response with blanks to that many bytes.
    content_type: of the response. close: close the connection without a response. after: process
    the call first, so that a code is used; otherwise a fault with a response skips processing.
    """

    delay: float = 0.0
    errcode: int | None = None
    errmsg: str | None = None
    status: int | None = None
    body: str | bytes | None = None
    size: int | None = None
    content_type: str | None = None
    close: bool = False
    after: bool = False

    def __post_init__(self) -> None:
        for name, (kind, low, high) in _NUMBERS.items():
            _check_number(name, getattr(self, name), kind, low, high)
        for name, limit in _TEXTS.items():
            _check_text(name, getattr(self, name), limit)
        if self.body is not None and not isinstance(self.body, (str, bytes)):
            raise ValueError("body must be text")
        if {type(self.close), type(self.after)} != {bool}:
            raise ValueError("close and after must be true or false")
        if self.errmsg is not None and self.errcode is None:
            raise ValueError("errmsg needs an errcode beside it")

    @property
    def answers(self) -> bool:
        """Whether the fault replaces WeChat's own response."""
        parts = (self.errcode, self.status, self.body, self.size)
        return self.close or any(part is not None for part in parts)


@dataclass(frozen=True)
class Incident:
    """A fault that applies to a call; setting `cleared` ends its delay."""

    fault: Fault
    cleared: threading.Event

    def delay(self) -> None:
        """Wait for the delay of the fault, in real time."""
        if self.fault.delay:
            self.cleared.wait(self.fault.delay)


class Hold(threading.Event):
    """Blocks the calls of a path until `set()`; as a context manager, until its end."""

    def __init__(self) -> None:
        super().__init__()
        self._arrivals = threading.Semaphore(0)

    def block(self) -> None:
        """Count an arrival, and wait until the hold is set."""
        self._arrivals.release()
        self.wait()

    def arrived(self, timeout: float = 60.0) -> bool:
        """Wait for one more call to arrive; return False if none came in `timeout` seconds."""
        return self._arrivals.acquire(timeout=timeout)

    def __enter__(self) -> Hold:
        return self

    def __exit__(self, *_: object) -> None:
        self.set()


class Faults:
    """The queued faults by path; an unknown path raises ValueError."""

    def __init__(self, lock: threading.RLock, paths: Iterable[str]) -> None:
        self._lock = lock
        self._queues: dict[str, deque[Fault]] = {path: deque() for path in paths}
        self._holds: dict[str, Hold] = {}
        self._cleared = threading.Event()

    def queue(self, path: str, fault: Fault, times: int = 1) -> None:
        """Apply the fault to the next `times` calls of the path."""
        if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= 1000:
            raise ValueError("times must be a whole number from 1 to 1000")
        with self._lock:
            self._known(path).extend([fault] * times)

    def waiting(self) -> dict[str, int]:
        """Return how many faults wait, by path; none for a path whose calls are fine."""
        with self._lock:
            return {path: len(queue) for path, queue in self._queues.items() if queue}

    def hold(self, path: str) -> Hold:
        """Block the calls of the path, before they are processed, until the hold is set."""
        with self._lock:
            self._known(path)
            before = self._holds.get(path)
            if before and not before.is_set():
                raise ValueError(f"{path} is held already: release that hold first")
            hold = self._holds[path] = Hold()
            return hold

    def clear(self) -> None:
        """Drop all faults, release all holds and end all delays."""
        with self._lock:
            for queue in self._queues.values():
                queue.clear()
            for hold in self._holds.values():
                hold.set()
            self._holds.clear()
            self._cleared.set()
            self._cleared = threading.Event()

    def take(self, path: str) -> Incident | None:
        """Dequeue the fault for a call that has arrived, and wait for a hold on its path."""
        with self._lock:
            queue = self._queues.get(path)
            incident = Incident(queue.popleft(), self._cleared) if queue else None
            hold = self._holds.get(path)
        if hold:
            hold.block()
        return incident

    def _known(self, path: str) -> deque[Fault]:
        if path not in self._queues:
            raise ValueError("path must be one of " + ", ".join(self._queues))
        return self._queues[path]


def _check_number(
    name: str, value: object, kind: type | tuple[type, ...], low: float, high: float
) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, kind) or not low <= value <= high:  # type: ignore[operator]
        raise ValueError(f"{name} must be a number from {low} to {high}")


def _check_text(name: str, value: object, limit: int) -> None:
    if value is None:
        return
    if not isinstance(value, str) or len(value) > limit or not value.isprintable():
        raise ValueError(f"{name} must be at most {limit} printable characters")
