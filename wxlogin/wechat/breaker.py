"""What keeps a worker alive while WeChat hangs or fails: a bulkhead and a circuit breaker in one.

docs/dependencies.md says why this is no library.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from wxlogin import errors
from wxlogin.clock import Clock
from wxlogin.errors import ApiError

FAULTS = 10
OPEN_SECONDS = 5.0
WAIT_SECONDS = 0.5

logger = logging.getLogger(__name__)


class NothingSent(ApiError):
    """WeChat got nothing of the call, so whatever it carried is unused."""


class NotAsked(NothingSent):
    """The call was not tried: too many are under way, or the circuit is open."""


class Breaker:
    """Lets calls to WeChat out: `most` at a time, and none while the circuit is open.

    `FAULTS` in a row open it for `OPEN_SECONDS`. Then one call is let out, and its end closes the
    circuit or opens it anew. Each worker has its own; threads and greenlets may share it.
    """

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._most = most
        self._changed = threading.Condition()
        self._out = 0
        self._faults = 0
        self._opened: float | None = None
        self._trial = False

    @contextmanager
    def call(self) -> Iterator[None]:
        """Hold one call to WeChat; whatever is raised inside is a fault of WeChat's.

        Raises NotAsked at once while the circuit is open, and after `WAIT_SECONDS` where `most`
        calls are still under way.
        """
        trial = self._let_out()
        answered = False
        try:
            yield
            answered = True
        finally:
            self._come_back(answered, trial)

    def _let_out(self) -> bool:
        """Take a place; True if this call is the one that decides about the circuit."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_shut or self._out < self._most, WAIT_SECONDS)
            if self._is_shut:
                raise NotAsked(errors.WX_UNAVAILABLE, retry_after=self._seconds_left() or None)
            if self._out >= self._most:
                raise NotAsked(errors.WX_UNAVAILABLE)
            self._out += 1
            self._trial = self._opened is not None
            return self._trial

    def _come_back(self, answered: bool, trial: bool) -> None:
        with self._changed:
            self._out -= 1
            # What went out before the circuit opened says nothing about WeChat as it is by now.
            if trial or self._opened is None:
                self._faults = 0 if answered else self._faults + 1
                self._trial = False
                self._switch(self._clock() if self._faults >= FAULTS else None)
            if self._opened is None:
                self._changed.notify()
            else:
                self._changed.notify_all()

    def _switch(self, opened: float | None) -> None:
        if opened is not None:
            logger.warning("WeChat is not asked for %d s: %d faults", OPEN_SECONDS, self._faults)
        elif self._opened is not None:
            logger.warning("WeChat answers again")
        self._opened = opened

    @property
    def _is_shut(self) -> bool:
        """Whether the circuit is open, or the call that decides about it is under way."""
        return self._opened is not None and (self._trial or self._seconds_left() > 0)

    def _seconds_left(self) -> int:
        """How long the circuit stays open; a clock that was set back does not make it longer."""
        past = self._clock() - (self._opened or 0.0)
        return math.ceil(OPEN_SECONDS - past) if 0 <= past < OPEN_SECONDS else 0
