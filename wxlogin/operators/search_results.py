"""What a search found, for the page that shows it: the page's address says nothing of either."""

from __future__ import annotations

import secrets
from typing import cast

from redis import Redis

from wxlogin.redisdb import keys

KEPT_MS = 1_800_000
"""For so long, Back leads to the page of a search."""


class SearchResults:
    """Keeps results for the session of one admin. They hold kinds and ids alone,
    since a user may be erased meanwhile: the page looks up the rest."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def keep(self, session: str, result: str) -> str:
        """Keep a result; return its random name."""
        name = secrets.token_urlsafe(16)
        self._redis.set(keys.found(session, name), result, px=KEPT_MS)
        return name

    def get(self, session: str, name: str) -> str | None:
        """Return a result of this session; None if there is none, or none any more."""
        return cast("str | None", self._redis.get(keys.found(session, name)))
