"""Rate limit counters: fixed windows in Redis, under our key names, on our clock.

Windows begin at whole multiples of their length since 1970, so that every worker and host agrees
on when one ends without asking Redis.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from limits import RateLimitItem
from limits.storage import Storage
from redis.exceptions import RedisError

from wxlogin import errors
from wxlogin.clock import Clock
from wxlogin.errors import ApiError
from wxlogin.sessions.scripts import Call, Scripts

SCHEME = "wxlogin"
NAMESPACE = "LIMITER/"
"""What the library puts before every key; our names need no second root."""


class Window(NamedTuple):
    """The counter of one limit in the window at hand, and what is left of the window."""

    key: str
    most: int
    left: float

    @property
    def limit(self) -> str:
        """The limit's name, as it stands in the key before amount, length and number."""
        return self.key.split("/")[-5]

    @property
    def life(self) -> int:
        """How long the counter is kept, in ms: a second longer, for clocks that differ."""
        return int(self.left * 1000) + 1000


class RateLimited(ApiError):
    """RATE_LIMITED by the limit of this name, for so many seconds more."""

    def __init__(self, limit: str, left: float) -> None:
        super().__init__(errors.RATE_LIMITED, retry_after=math.ceil(left))
        self.limit = limit


class LimitReached(RateLimited):
    """A counter is over its limit until its window ends."""

    def __init__(self, window: Window) -> None:
        super().__init__(window.limit, window.left)
        self.window = window


class Declared(NamedTuple):
    """One limit as the settings declare it: what names its counters, its length, its amount."""

    tail: str
    seconds: int
    most: int

    def window(self, subject: str, now: float) -> Window:
        """The window that a moment (Unix seconds) falls in, for whom `subject` names."""
        return _named(subject + self.tail, self.seconds, now, self.most)


def declared(item: RateLimitItem, *limit: str) -> Declared:
    """A limit of the library's; its counters are named as the library names them."""
    return Declared(
        item.key_for("", *limit).removeprefix(NAMESPACE), item.get_expiry(), item.amount
    )


def charges(windows: Sequence[Window], cost: int = 1) -> list[Call]:
    """The calls that count a request in each window; one that costs nothing tells the count."""
    return [Call("charge", [one.key], (cost, one.life)) for one in windows]


def judge(windows: Sequence[Window], counts: Sequence[int]) -> None:
    """RATE_LIMITED where a count is over what its window allows, until the last such ends."""
    over = [one for one, count in zip(windows, counts, strict=True) if count > one.most]
    if over:
        raise LimitReached(max(over, key=lambda one: one.left))


class Windows(Storage):
    """The storage behind Flask-Limiter."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  the library declares it so

    def __init__(self, uri: str | None = None, **options: Any) -> None:
        super().__init__(uri)
        self._scripts: Scripts = options["scripts"]
        self._clock: Clock = options["clock"]

    @property
    def base_exceptions(self) -> type[Exception]:
        """The store's faults; they pass through and become 503."""
        return RedisError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count; give back the window's count so far. One round trip."""
        found = _named(key.removeprefix(NAMESPACE), expiry, self._clock(), 0)
        return int(self._scripts.run("charge", [found.key], amount, found.life))

    def get(self, key: str) -> int:
        """Refused: nobody asks without counting."""
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        """Refused: when a window ends needs no store."""
        raise NotImplementedError

    def check(self) -> bool:
        """Whether Redis answers."""
        return bool(self._scripts.redis.ping())

    def reset(self) -> int | None:
        """Refused: it would have to walk the whole keyspace."""
        raise NotImplementedError

    def clear(self, key: str) -> None:
        """Refused, like `reset`."""
        raise NotImplementedError


def _named(key: str, length: int, now: float, most: int) -> Window:
    number, gone = divmod(now, length)
    return Window(f"{key}/{int(number)}", most, length - gone)
