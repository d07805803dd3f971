"""A version of what every worker caches of SQL; it changes with the cached tables."""

from __future__ import annotations

import secrets
import time
from typing import cast

from redis import Redis

RECENT_SECONDS = 1.0
LIFE_MS = 86_400_000


class SharedVersion:
    """A version under one key in Redis, and when this process last read it."""

    def __init__(self, redis: Redis, key: str) -> None:
        self._redis = redis
        self._key = key
        self._latest: tuple[float, str | None] | None = None

    def current(self) -> str | None:
        """Read the version; None if it is unknown, which is a version too."""
        version = cast("str | None", self._redis.get(self._key))
        self._latest = (time.monotonic(), version)
        return version

    @property
    def latest(self) -> str | None:
        """The version as this process last read it; this asks nobody."""
        return self._latest[1] if self._latest else None

    @property
    def is_recent(self) -> bool:
        """Whether this process read it within the last second."""
        latest = self._latest
        return latest is not None and time.monotonic() - latest[0] < RECENT_SECONDS

    def change(self) -> None:
        """Give it another value."""
        version = secrets.token_urlsafe(12)
        self._redis.set(self._key, version, px=LIFE_MS)
        self._latest = (time.monotonic(), version)
