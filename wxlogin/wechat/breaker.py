"""Keeps a worker responsive while WeChat hangs or fails: a bulkhead and a circuit breaker in one.

docs/dependencies.md explains why this is not a library.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from wxlogin.clock import Clock
from wxlogin.plural import plural
from wxlogin.wechat.errors import NotAttempted

FAILURES = 10
OPEN_SECONDS = 5.0
WAIT_SECONDS = 0.5

logger = logging.getLogger(__name__)


class Breaker:
    """Allows `max_calls` calls to WeChat at a time, and none while the circuit is open.

    `FAILURES` in a row open it for `OPEN_SECONDS`. Then one trial call is allowed; its result
    closes the circuit or opens it again. Each worker has its own breaker; it is safe for threads
    and greenlets.
    """

    def __init__(self, clock: Clock, max_calls: int) -> None:
        self._clock = clock
        self._max_calls = max_calls
        self._changed = threading.Condition()
        self._in_progress = 0
        self._failures = 0
        self._opened_at: float | None = None
        self._trial = False

    @contextmanager
    def call(self) -> Iterator[None]:
        """Make one call to WeChat inside the block; any exception counts as a failure of WeChat.

        Raises NotAttempted at once while the circuit is open, and after `WAIT_SECONDS` if
        `max_calls` calls are still in progress.
        """
        trial = self._acquire()
        succeeded = False
        try:
            yield
            succeeded = True
        finally:
            self._release(succeeded, trial)

    def _acquire(self) -> bool:
        """Start a call; return whether it is the trial call that decides about the circuit."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_open or self._has_capacity, WAIT_SECONDS)
            if self._is_open:
                raise NotAttempted(retry_after=self._seconds_left() or None)
            if not self._has_capacity:
                raise NotAttempted
            self._in_progress += 1
            self._trial = self._opened_at is not None
            return self._trial

    def _release(self, succeeded: bool, trial: bool) -> None:
        with self._changed:
            self._in_progress -= 1
            # A call that began before the circuit opened says nothing about WeChat's state now.
            if trial or self._opened_at is None:
                self._failures = 0 if succeeded else self._failures + 1
                self._trial = False
                self._set_opened_at(self._clock() if self._failures >= FAILURES else None)
            if self._opened_at is None:
                self._changed.notify()
            else:
                self._changed.notify_all()

    def _set_opened_at(self, opened_at: float | None) -> None:
        if opened_at is not None:
            faults = plural(self._failures, "fault")
            logger.warning("WeChat is not asked for %d s: %s", OPEN_SECONDS, faults)
        elif self._opened_at is not None:
            logger.warning("WeChat answers again")
        self._opened_at = opened_at

    @property
    def _has_capacity(self) -> bool:
        return self._in_progress < self._max_calls

    @property
    def _is_open(self) -> bool:
        """Whether the circuit is open, or its trial call is in progress."""
        return self._opened_at is not None and (self._trial or self._seconds_left() > 0)

    def _seconds_left(self) -> int:
        """Return how long the circuit stays open; setting the clock back does not extend it."""
        past = self._clock() - (self._opened_at or 0.0)
        return math.ceil(OPEN_SECONDS - past) if 0 <= past < OPEN_SECONDS else 0
