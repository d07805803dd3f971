"""The limits that the settings declare: by address, by user, by admin's name and API token.

The user's counters lie in the user's slot.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Literal, get_args

from limits import RateLimitItem

from config import Settings
from wxlogin.clock import Clock
from wxlogin.limits.errors import LimitReached, RateLimited
from wxlogin.limits.windows import (
    Window,
    counter_of,
    declared,
    hits,
    judge,
    limit_reached,
    parsed,
    window_at,
)
from wxlogin.redisdb import Scripts, keys
from wxlogin.redisdb.replies import Reply, integer

FailureLimit = Literal["fail_code", "fail_token", "fail_path", "fail_body"]
"""Failures of an address, by kind: bad codes, forged tokens, unknown paths, bodies refused for
their size or shape."""
AddressLimit = FailureLimit | Literal["login_ip", "api_ip", "admin_ip", "scan_ip", "scan_poll_ip"]
UserLimit = Literal[
    "login_openid", "api_openid", "decrypt_openid", "profile_openid", "own_data_openid"
]
SubjectLimit = Literal["admin_name", "admin_name_wide", "api_token", "doctor", "export", "search"]
Limit = AddressLimit | UserLimit | SubjectLimit
FAILURE_LIMITS: tuple[FailureLimit, ...] = get_args(FailureLimit)
ADDRESS_LIMITS: tuple[AddressLimit, ...] = (
    *FAILURE_LIMITS,
    *("login_ip", "api_ip", "admin_ip", "scan_ip", "scan_poll_ip"),
)
LIMITS: tuple[Limit, ...] = (*ADDRESS_LIMITS, *get_args(UserLimit), *get_args(SubjectLimit))


def hashed_subject(text: str) -> str:
    """Return what the names of counters of any text start with; the text itself is not in it."""
    return keys.subject_limits(hashlib.sha256(text.encode()).hexdigest()[:32])


SUBJECTS: Mapping[Limit, Callable[[str], str]] = {
    **dict.fromkeys(ADDRESS_LIMITS, keys.address_limits),
    **dict.fromkeys(get_args(UserLimit), keys.user_limits),
    **dict.fromkeys(get_args(SubjectLimit), hashed_subject),
}
"""What the names of somebody's counters of a limit start with."""

READ_WITH: Mapping[str, AddressLimit] = {"login_ip": "fail_code"}
"""Counters of the same address that a hit also reads, in the same round trip: at a login a worker
learns what the other workers counted of the address's bad codes."""

MOST_REMEMBERED = 10_000


class RateLimits:
    """Counts requests in Redis. Redis faults pass through: what cannot be counted is refused.

    `who` is an address key, a user's public id, or any other text (an admin's name, an API token's
    id), as the limit's kind says.
    """

    def __init__(self, scripts: Scripts, settings: Settings, clock: Clock) -> None:
        self._scripts = scripts
        self.clock = clock
        self._over: dict[str, float] = {}
        self._items = {name: _items(settings, name) for name in LIMITS}
        self._declared = {
            name: [declared(item, name) for item in items] for name, items in self._items.items()
        }

    def items(self, limit: Limit) -> tuple[RateLimitItem, ...]:
        """Return the windows that the settings declare for a limit."""
        return self._items[limit]

    def windows(self, who: str, *limits: Limit) -> list[Window]:
        """Return the current counters, for a call that counts them itself."""
        now = self.clock()
        return [
            one.window(SUBJECTS[limit](who), now)
            for limit in limits
            for one in self._declared[limit]
        ]

    def hit(self, who: str, limit: Limit) -> None:
        """Count a request; RATE_LIMITED over the limit, and from then on without a round trip."""
        windows = self.windows(who, limit)
        self._refuse_known(windows[0].counter)
        self._judge(windows, self._scripts.pipeline(hits(windows)))

    def hit_each(self, counts: Mapping[tuple[str, FailureLimit], int]) -> None:
        """Count requests of many, all in one round trip; those over their limit are remembered.

        In a cluster it is one round trip a node.
        """
        windows = {each: self.windows(*each) for each in counts}
        calls = [call for each in counts for call in hits(windows[each], counts[each])]
        replies = iter(self._scripts.pipeline(calls))
        for own in windows.values():
            self._learn(own, list(islice(replies, len(own))))

    def count(self, window: Window, cost: int) -> int:
        """Return a window's count, with this request's cost, for Flask-Limiter to compare.

        One round trip; no round trip for a counter that this worker knows to be over its limit.
        """
        if self._known_left(_name(window.limit, window.key)):
            return window.most + 1
        beside = self._read_with(window)
        *failures, reply = self._scripts.pipeline([*hits(beside, cost=0), *hits([window], cost)])
        count = integer(reply)
        if count > window.most:
            self.remember(limit_reached([window]))
        self._learn(beside, failures)
        return count

    def reached(self, windows: Sequence[Window]) -> RateLimited:
        """Return the refusal for counters that are over their limits, until the last may count."""
        left = {
            window: self._known_left(_name(window.limit, window.key)) or window.left
            for window in windows
        }
        last = max(left, key=lambda window: left[window])
        return RateLimited(last.limit, left[last])

    def over_in(self, who: str, limit: Limit, count: int) -> LimitReached | None:
        """Return the refusal that this many requests in the current windows are due, if any."""
        windows = self.windows(who, limit)
        over = [window for window in windows if count > window.most]
        return limit_reached(over) if over else None

    def refuse_known(self, address_key: str, limit: AddressLimit) -> None:
        """Raise RateLimited for an address known to be over its limit, without a round trip."""
        if self._over:
            self._refuse_known(f"{keys.address_limits(address_key)}/{limit}")

    def remember(self, over: LimitReached) -> None:
        """Refuse whoever this counter counts, in this worker, until its window ends."""
        now = self.clock()
        if len(self._over) >= MOST_REMEMBERED:
            self._over = {known: until for known, until in self._over.items() if until > now}
        if len(self._over) < MOST_REMEMBERED:
            name = _name(over.limit, over.key)
            self._over[name] = max(now + over.left, self._over.get(name, 0))

    def window_of(self, key: str) -> Window:
        """Return the current window of one of the library's keys.

        Any other subject than ours is stored as a digest, under our root.
        """
        subject, tail, seconds, most = parsed(key)
        if not subject.startswith(keys.ROOT):
            subject = hashed_subject(subject)
        return window_at(subject + tail, seconds, self.clock(), most)

    def redis_answers(self) -> bool:
        """Return whether Redis answers."""
        return bool(self._scripts.redis.ping())

    def _refuse_known(self, counter: str) -> None:
        if left := self._known_left(counter):
            raise RateLimited(counter.rpartition("/")[2], left)

    def _known_left(self, name: str) -> float:
        """Return the seconds for which a counter is known to be over; 0 for any other."""
        until = self._over.get(name)
        return max(0.0, until - self.clock()) if until else 0.0

    def _read_with(self, window: Window) -> list[Window]:
        limit = READ_WITH.get(window.limit)
        if limit is None:
            return []
        subject, now = window.counter.rpartition("/")[0], self.clock()
        return [one.window(subject, now) for one in self._declared[limit]]

    def _learn(self, windows: list[Window], counts: list[Reply]) -> None:
        """Remember whoever is over a limit; the next request is refused that it concerns."""
        with contextlib.suppress(LimitReached):
            self._judge(windows, counts)

    def _judge(self, windows: list[Window], counts: list[Reply]) -> None:
        try:
            judge(windows, counts)
        except LimitReached as over:
            self.remember(over)
            raise


def _name(limit: str, key: str) -> str:
    """Return what is remembered of a counter that is over.

    Of a limit of the settings one full window closes them all; others are each on their own.
    """
    return counter_of(key) if limit in LIMITS else key


def _items(settings: Settings, limit: Limit) -> tuple[RateLimitItem, ...]:
    setting = "fail_ip" if limit in FAILURE_LIMITS else limit
    found: tuple[RateLimitItem, ...] = getattr(settings, f"limit_{setting}")
    return found
