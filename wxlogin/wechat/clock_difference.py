"""How far this host's clock is from WeChat's, by the Date header of its answers.

A clock that is wrong makes open data look stale and signed requests expired.
"""

from __future__ import annotations

import hashlib
import logging
import socket
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime

from redis import Redis
from redis.exceptions import RedisError

from wxlogin.clock import Clock
from wxlogin.redisdb import keys

MOST_SECONDS = 60
REPORT_SECONDS = 60
KEPT_MS = 600_000

logger = logging.getLogger(__name__)


class ClockDifference:
    """Compares the clocks; the workers of a host share in Redis what one of them found.

    While the clocks agree nothing is written.
    """

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        host = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:16]
        self._key = keys.clock_difference(host)
        self._is_off = False
        self._reported_at = 0.0

    def observe(self, date: str | None) -> None:
        """Compare the Date header of an answer that came just now; a fault of Redis is ignored."""
        seconds = self._difference(date)
        if seconds is None:
            return
        is_off, now = abs(seconds) > MOST_SECONDS, self._clock()
        waits = is_off and 0 <= now - self._reported_at < REPORT_SECONDS
        if is_off == self._is_off and (waits or not is_off):
            return
        self._report(seconds, is_off=is_off)
        self._is_off, self._reported_at = is_off, now

    def describe(self) -> str | None:
        """Return how this host's clock differs from WeChat's, None if it does not."""
        seconds = int(self._redis.get(self._key) or 0)
        return _words(seconds) if seconds else None

    def _difference(self, date: str | None) -> int | None:
        """Return by how many seconds our clock is ahead of an answer's date."""
        with suppress(ValueError, OverflowError):
            at = parsedate_to_datetime(date or "")
            return int(self._clock() - at.replace(tzinfo=at.tzinfo or UTC).timestamp())
        return None

    def _report(self, seconds: int, *, is_off: bool) -> None:
        if is_off:
            logger.warning("the clock of this host is %s: correct it", _words(seconds))
        else:
            logger.warning("the clock of this host agrees with WeChat's again")
        with suppress(RedisError):
            if is_off:
                self._redis.set(self._key, seconds, px=KEPT_MS)
            else:
                self._redis.delete(self._key)


def _words(seconds: int) -> str:
    return f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} WeChat's"
