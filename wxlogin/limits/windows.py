"""Fixed windows: how the counters of a limit are named, counted and compared with the limit.

Windows begin at whole multiples of their length since 1970, so that every worker and host agrees
on when one ends without asking Redis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from limits import RateLimitItem
from limits.limits import TIME_TYPES

from wxlogin.limits.errors import LimitReached
from wxlogin.redisdb.replies import Reply, integers
from wxlogin.redisdb.scripts import Call

NAMESPACE = "LIMITER/"
"""The library's prefix of every key; our names have a root already."""


class Window(NamedTuple):
    """The counter of one limit in its current window, and the seconds left of the window."""

    key: str
    most: int
    left: float

    @property
    def counter(self) -> str:
        """Return the key without amount, length and number: whose counter of which limit it is."""
        return counter_of(self.key)

    @property
    def limit(self) -> str:
        """Return the limit's name, which the key has before amount, length and number."""
        return self.counter.rpartition("/")[2]

    @property
    def life(self) -> int:
        """Return how long the counter is kept, in ms: a second longer, for clocks that differ."""
        return int(self.left * 1000) + 1000


class Declared(NamedTuple):
    """A limit of the settings: the end of its counters' names, its length, its amount."""

    tail: str
    seconds: int
    most: int

    def window(self, subject: str, now: float) -> Window:
        """Return the window of the subject's counter at a moment (Unix seconds)."""
        return window_at(subject + self.tail, self.seconds, now, self.most)


def declared(item: RateLimitItem, *limit: str) -> Declared:
    """Return a limit of the library's; its counters are named as the library names them."""
    return Declared(
        item.key_for("", *limit).removeprefix(NAMESPACE), item.get_expiry(), item.amount
    )


class Parsed(NamedTuple):
    """A key of the library's, taken apart; `tail` is all that follows the subject."""

    subject: str
    tail: str
    seconds: int
    most: int


def parsed(key: str) -> Parsed:
    """Take apart a key that `RateLimitItem.key_for` made of a subject and a limit's scope."""
    subject, *tail = key.removeprefix(NAMESPACE).rsplit("/", 4)
    _, most, multiple, unit = tail
    seconds = int(multiple) * TIME_TYPES[unit].seconds
    return Parsed(subject, "/".join(("", *tail)), seconds, int(most))


def counter_of(key: str) -> str:
    """Return a counter's key without amount, length and number."""
    return key.rsplit("/", 4)[0]


def hits(windows: Sequence[Window], cost: int = 1) -> list[Call]:
    """Return the calls that count a request in each window; with no cost they only read."""
    return [Call("charge", [one.key], (cost, one.life)) for one in windows]


def judge(windows: Sequence[Window], replies: list[Reply]) -> None:
    """Raise LimitReached if a counter, as Redis replied it, is over the limit of its window."""
    counts = integers(replies)
    over = [window for window, n in zip(windows, counts, strict=True) if n > window.most]
    if over:
        raise limit_reached(over)


def limit_reached(over: Sequence[Window]) -> LimitReached:
    """Return the error for counters that are over their limits: it lasts as long as any of them."""
    last = max(over, key=lambda window: window.left)
    return LimitReached(last.limit, last.left, last.key)


def window_at(key: str, seconds: int, now: float, most: int = 0) -> Window:
    """Return the window of this length that a moment (Unix seconds) falls in."""
    number, gone = divmod(now, seconds)
    return Window(f"{key}/{int(number)}", most, seconds - gone)
