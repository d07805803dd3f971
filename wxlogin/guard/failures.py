"""Failures by address: bad codes, forged tokens, unknown paths.

They are counted in the worker and carried to Redis once a second, so that a forged token costs no
round trip. An address over the limit is remembered in the worker and refused there.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress

from redis.exceptions import RedisError

from wxlogin.errors import ApiError
from wxlogin.guard.limits import RateLimits

FLUSH_SECONDS = 1.0
MOST_ADDRESSES = 10_000


class Failures:
    """Counts failures of addresses; RateLimits refuses those over the limit."""

    def __init__(self, limits: RateLimits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._pending: Counter[str] = Counter()
        self._timer: threading.Timer | None = None
        self._least = min(item.amount for item in limits.items("fail_ip"))

    def count(self, address_key: str) -> None:
        """Count a failure; it reaches Redis within a second, or at once where it fills a window."""
        with self._lock:
            if address_key in self._pending or len(self._pending) < MOST_ADDRESSES:
                self._pending[address_key] += 1
            if self._timer is None:
                self._timer = threading.Timer(FLUSH_SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()
            full = self._pending[address_key] > self._least
        if full:
            self.flush()

    def flush(self) -> None:
        """Carry what is counted to Redis; what Redis does not take is kept for the next time."""
        with self._lock:
            if self._timer:
                self._timer.cancel()
            self._timer = None
            pending, self._pending = self._pending, Counter()
        for address_key, count in pending.items():
            self._carry(address_key, count)

    def _carry(self, address_key: str, count: int) -> None:
        try:
            with suppress(
                ApiError
            ):  # over the limit: it is remembered, and told at its next request
                self._limits.charge_address("fail_ip", address_key, count)
        except RedisError:
            with self._lock:
                self._pending[address_key] += count
