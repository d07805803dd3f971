"""The storage beneath Flask-Limiter: fixed windows in the current app's Redis, on its clock.

A `Limiter` is one for the whole process and makes its storage anew for each app. So the storage
holds nothing itself: it counts by the `RateLimits` of the app that answers the request.
"""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, current_app
from limits.storage import Storage
from redis.exceptions import RedisError

from wxlogin.limits.rate_limits import RateLimits

SCHEME = "wxlogin"
EXTENSION = "wxlogin.rate_limits"


def bind_rate_limits(app: Flask, rates: RateLimits) -> None:
    """Let Flask-Limiter count the app's requests by these."""
    app.extensions[EXTENSION] = rates


def current_rate_limits() -> RateLimits:
    """Return those of the current app."""
    return cast("RateLimits", current_app.extensions[EXTENSION])


class FixedWindows(Storage):
    """Counts for whatever key function and scope a limit has."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  the library declares it so

    def __init__(self, uri: str | None = None, **_options: Any) -> None:
        super().__init__(uri)

    @property
    def base_exceptions(self) -> type[Exception]:
        """The store's faults; they pass through and become 503."""
        return RedisError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:  # noqa: ARG002  the key says it
        """Count; return the window's count so far. One round trip."""
        rates = current_rate_limits()
        return rates.count(rates.window_of(key), amount)

    def get(self, key: str) -> int:
        """Return the window's count so far. One round trip."""
        rates = current_rate_limits()
        return rates.count(rates.window_of(key), 0)

    def get_expiry(self, key: str) -> float:
        """Return when the window ends, in Unix seconds; Redis need not say it."""
        rates = current_rate_limits()
        return rates.clock() + rates.window_of(key).left

    def check(self) -> bool:
        """Return whether Redis answers."""
        return current_rate_limits().redis_answers()

    def reset(self) -> int | None:
        """Raise NotImplementedError: this would have to scan the whole keyspace."""
        raise NotImplementedError

    def clear(self, key: str) -> None:
        """Raise NotImplementedError, as `reset` does."""
        raise NotImplementedError
