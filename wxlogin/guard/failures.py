"""Failures by address: bad codes, forged tokens, unknown paths.

They are counted in the worker and carried to Redis once a second, so that a forged token costs no
round trip. An address over the limit is remembered in the worker and refused there.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
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
        self._window = min(item.amount for item in limits.items("fail_ip")) + 1
        self._stopped = False

    def count(self, address_key: str) -> None:
        """Count a failure; it reaches Redis within a second, or at once where it fills a window."""
        with self._lock:
            if address_key in self._pending or len(self._pending) < MOST_ADDRESSES:
                self._pending[address_key] += 1
            # Once a window's worth, so that a Redis that is out is not waited for at every failure.
            full = self._pending[address_key] and not self._pending[address_key] % self._window
            carried = {address_key: self._pending.pop(address_key)} if full else {}
            self._arm()
        self._carry(carried)

    def flush(self) -> None:
        """Carry what is counted to Redis."""
        with self._lock:
            self._disarm()
            pending, self._pending = self._pending, Counter()
        self._carry(pending)

    def stop(self) -> None:
        """Carry what is counted and start no further timer: the app ends."""
        self._stopped = True
        self.flush()

    def _carry(self, counts: Mapping[str, int]) -> None:
        """Carry counts up to the first fault of Redis; the rest waits for the next second."""
        left = Counter(counts)
        try:
            for address_key, count in counts.items():
                with suppress(ApiError):  # over the limit: remembered, and told at its next request
                    self._limits.charge_address("fail_ip", address_key, count)
                del left[address_key]
        except RedisError:
            with self._lock:
                self._pending.update(left)
                self._arm()

    def _arm(self) -> None:
        if self._timer is None and self._pending and not self._stopped:
            self._timer = threading.Timer(FLUSH_SECONDS, self.flush)
            self._timer.daemon = True
            self._timer.start()

    def _disarm(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None
