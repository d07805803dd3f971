"""Sweeps up ends of sessions that a worker left: it was killed, or Redis did not answer it.

The notes lie in 16,384 places, one a slot of a cluster. Each worker looks at some of them every few
seconds, from a random one on.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection

from redis.exceptions import RedisError

from wxlogin.background_task import BackgroundTask
from wxlogin.clock import Clock, milliseconds
from wxlogin.redisdb.slot_tags import SLOTS
from wxlogin.sessions.end_notes import NOTES, EndNotes
from wxlogin.watch.session_end_writer import SessionEndWriter

SWEEP_SECONDS = 5.0
SLOTS_A_SWEEP = 1024
"""So a worker has seen all within 80 seconds, at two milliseconds a second."""
FIRST_SWEEP_SECONDS = 60.0
"""After the first end in a process that nobody started this in."""
SLOTS_AT_ONCE = 64
NOTES_AT_ONCE = 50
"""Of each slot: so a reply holds 3200 notes at most."""
NOTES_A_SWEEP = 2000
"""The rest of a place waits for the next round. While the database fails it is one note, which
tells when it is back."""
AGE_MS = 10_000
"""Younger ones are in the hands of the worker that made them."""

logger = logging.getLogger(__name__)


class SessionEndSweeper:
    """Writes the ends that others left, from `start` on."""

    def __init__(self, writer: SessionEndWriter, notes: EndNotes, clock: Clock) -> None:
        self._writer = writer
        self._notes = notes
        self._clock = clock
        self._task = BackgroundTask("session-end-sweeper", self._sweep)
        self._next = secrets.randbelow(SLOTS)

    def start(self, delay: float = SWEEP_SECONDS) -> None:
        """Look for what other workers left, every few seconds from now on."""
        self._task.schedule(delay)

    def stop(self) -> None:
        """Look no further."""
        self._task.stop()

    def write_all(self) -> None:
        """Write all that is left, once, in this thread."""
        for first in range(0, SLOTS, SLOTS_AT_ONCE):
            self._write(first, NOTES * SLOTS_AT_ONCE)

    def write_of(self, user: str) -> None:
        """Write the ends of a user's sessions that are not written yet, whoever has them in hand.

        While Redis is out, those that this process has in hand are written alone.
        """
        if self._writer.has_pending:
            self._writer.flush()
        try:
            found = self._notes.of_users({user})
        except RedisError as fault:
            logger.warning("ends of sessions are not looked for: %s", type(fault).__name__)
            return
        self._writer.write_noted(found)

    def write_sign_outs(self, users: Collection[str]) -> bool:
        """Write and tell the sign-outs of users that are noted, whoever has them in hand.

        Return False if that cannot be done now.
        """
        try:
            found = self._notes.of_users(users)
        except RedisError as fault:
            logger.warning("events wait for Redis to be told: %s", type(fault).__name__)
            return False
        return self._writer.write_noted([one for one in found if one.cause.is_sign_out])

    def sweep(self) -> None:
        """Write some of what is left, from where the last sweep stopped."""
        end = self._next + SLOTS_A_SWEEP
        left = 1 if self._writer.database_failed else NOTES_A_SWEEP
        while left > 0 and self._next < end:
            first, self._next = self._next, self._next + SLOTS_AT_ONCE
            left -= self._write(first, left)
            if self._writer.database_failed:
                break
        self._next %= SLOTS

    def _sweep(self) -> None:
        self._task.schedule(SWEEP_SECONDS)
        try:
            self.sweep()
        except RedisError as fault:
            logger.warning("ends of sessions are not looked for: %s", type(fault).__name__)
            self._next = (self._next + SLOTS_A_SWEEP) % SLOTS

    def _write(self, first: int, most: int) -> int:
        """Write up to so many notes of some slots; return how many were written."""
        before = milliseconds(self._clock) - AGE_MS
        written = 0
        while written < most:
            at_once = min(most - written, NOTES_AT_ONCE)
            found = self._notes.in_slots(first, SLOTS_AT_ONCE, before, at_once)
            found = found[: most - written]
            if not (found and self._writer.write_noted(found)):
                break
            written += len(found)
        return written
