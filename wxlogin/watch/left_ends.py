"""Ends of sessions that a worker left: it was killed, or Redis did not answer it.

The notes lie in 16,384 places, one a slot of a cluster. Each worker looks at some of them every few
seconds, from a random one on.
"""

from __future__ import annotations

import logging
import secrets

from redis.exceptions import RedisError

from wxlogin.background_task import BackgroundTask
from wxlogin.clock import Clock, milliseconds
from wxlogin.redisdb.slot_tags import SLOTS
from wxlogin.sessions.ended import EndedNotes
from wxlogin.watch.session_ends import SessionEnds

SWEEP_SECONDS = 5.0
SLOTS_A_SWEEP = 1024
"""So a worker has seen all within 80 seconds, at two milliseconds a second."""
FIRST_SWEEP_SECONDS = 60.0
"""After the first end in a process that nobody started this in."""
MOST_BATCHES = 6
"""A slot has 1000 notes at most, and gives 200 at a time."""
AGE_MS = 10_000
"""Younger ones are in the hands of the worker that made them."""

logger = logging.getLogger(__name__)


class LeftEnds:
    """Writes what others left, from `start` on."""

    def __init__(self, ends: SessionEnds, notes: EndedNotes, clock: Clock) -> None:
        self._ends = ends
        self._notes = notes
        self._clock = clock
        self._task = BackgroundTask("left-ends", self._sweep)
        self._next = secrets.randbelow(SLOTS)

    def start(self, delay: float = SWEEP_SECONDS) -> None:
        """Look for what other workers left, every few seconds from now on."""
        self._task.schedule(delay)

    def stop(self) -> None:
        """Look no further."""
        self._task.stop()

    def write_all(self) -> None:
        """Write all that is left, once, in this thread."""
        for first in range(0, SLOTS, SLOTS_A_SWEEP):
            self._write(first)

    def write_of(self, user: str) -> None:
        """Write the ends of a user's sessions that are not written yet, whoever has them in hand.

        While Redis is out, those that this process has in hand are written alone.
        """
        if self._ends.has_pending:
            self._ends.flush()
        try:
            found = self._notes.of_user(user)
        except RedisError as fault:
            logger.warning("ends of sessions are not looked for: %s", type(fault).__name__)
            return
        self._ends.write_left(found)

    def _sweep(self) -> None:
        self._task.schedule(SWEEP_SECONDS)
        try:
            self._write(self._next)
        except RedisError as fault:
            logger.warning("ends of sessions are not looked for: %s", type(fault).__name__)
        self._next = (self._next + SLOTS_A_SWEEP) % SLOTS

    def _write(self, first: int) -> None:
        before = milliseconds(self._clock) - AGE_MS
        for _ in range(MOST_BATCHES):
            found = self._notes.in_slots(first, SLOTS_A_SWEEP, before)
            if not (found and self._ends.write_left(found)):
                return
