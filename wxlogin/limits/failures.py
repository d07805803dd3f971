"""Failures by address and kind: bad codes, forged tokens, unknown paths, bodies of a wrong shape.

They are counted in the worker and sent to Redis once a second, so that a forged token costs no
round trip. An address over the limit is remembered in the worker; further calls of that kind are
refused there.

Whoever has many addresses fills Redis with counters. So a worker sends those of so many addresses
a minute, and judges what the rest does by its own count alone.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice

from redis.exceptions import RedisError

from wxlogin.limits.rate_limits import FailureLimit, RateLimits

FLUSH_SECONDS = 1.0
MOST_SENT = 500
"""Counters that a worker adds to Redis in a minute; those that it counts to already are free."""
MOST_KEPT = 10_000
"""Counters that a worker keeps for itself in a minute."""
BATCH = 500
"""Counters in one round trip: an exchange stays well below the socket's timeout."""

Counted = tuple[str, FailureLimit]
"""An address key and a kind of failure."""


class Failures:
    """Counts failures of addresses; `refuse_known` refuses those over the limit."""

    def __init__(self, limits: RateLimits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._pending: Counter[Counted] = Counter()
        self._timer: threading.Timer | None = None
        self._window = min(item.amount for item in limits.items("fail_code")) + 1
        self._stopped = False
        self._minute = 0
        self._sent: set[Counted] = set()
        self._kept: Counter[Counted] = Counter()

    def refuse_known(self, address_key: str, limit: FailureLimit) -> None:
        """Raise RateLimited for an address that this worker knows to be over, at no round trip."""
        self._limits.refuse_known(address_key, limit)

    def count(self, address_key: str, limit: FailureLimit) -> None:
        """Count a failure; it reaches Redis within a second, or at once where it fills a window."""
        counted = address_key, limit
        with self._lock:
            if not self._may_send(counted):
                self._keep(counted)
                return
            self._pending[counted] += 1
            # Once a window's worth, so that not every failure waits for a Redis that is out.
            full = not self._pending[counted] % self._window
            due = {counted: self._pending.pop(counted)} if full else {}
            self._arm()
        self._send(due)

    def flush(self) -> None:
        """Send what is counted to Redis."""
        with self._lock:
            self._disarm()
            pending, self._pending = self._pending, Counter()
        self._send(pending)

    def stop(self) -> None:
        """Send what is counted and start no further timer: the app ends."""
        self._stopped = True
        self.flush()

    def _may_send(self, counted: Counted) -> bool:
        """Return whether a counter is one of those that this minute's failures may add to Redis."""
        minute = int(self._limits.clock() // 60)
        if minute != self._minute:
            self._minute, self._sent, self._kept = minute, set(self._pending), Counter()
        if len(self._sent) < MOST_SENT:
            self._sent.add(counted)
        return counted in self._sent

    def _keep(self, counted: Counted) -> None:
        """Count in this worker alone, and remember who is over."""
        if counted in self._kept or len(self._kept) < MOST_KEPT:
            self._kept[counted] += 1
        if over := self._limits.over_in(*counted, self._kept[counted]):
            self._limits.remember(over)

    def _send(self, counts: Mapping[Counted, int]) -> None:
        """Send counts up to the first fault of Redis; the rest waits for the next second."""
        batches = list(_batches(counts))
        try:
            while batches:
                self._limits.hit_each(batches[0])
                del batches[0]
        except RedisError:
            with self._lock:
                for left in batches:
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


def _batches(counts: Mapping[Counted, int]) -> Iterator[dict[Counted, int]]:
    left = iter(counts.items())
    while batch := dict(islice(left, BATCH)):
        yield batch
