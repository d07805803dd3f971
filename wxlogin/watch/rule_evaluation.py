"""Counts events by alert rule and finds the counts that raise an alert; the rules: alert_rules.py.

The recorder's writer counts events in Redis, for all workers together. If Redis gives no answer, a
count may be added twice and an alert come early; nothing is refused because of these counts.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from limits import RateLimitItem
from redis.exceptions import RedisError

from config import Settings
from wxlogin.clock import Clock
from wxlogin.limits.windows import Window, declared
from wxlogin.redisdb import Scripts, keys
from wxlogin.redisdb.replies import integers
from wxlogin.redisdb.scripts import Call
from wxlogin.watch.alert_rules import BY_KIND, RULES, Rule
from wxlogin.watch.events import AlertSubject, Event, Kind

MAX_PENDING = 10_000
MAX_USERS = 1_000
BATCH = 100
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Finding:
    """A rule that fired for a subject: `count` in a window of `window` seconds is over `threshold`.

    `window` and `threshold` are 0 for an immediate rule.
    """

    rule: Rule
    subject: str
    count: int
    window: int = 0
    threshold: int = 0
    logins: int = 0
    failures: int = 0


@dataclass(slots=True)
class PendingCount:
    """The counts of one rule and subject that Redis has not received yet."""

    count: int = 0
    failures: int = 0
    users: set[str] = field(default_factory=set)

    def add(self, rule: Rule, event: Event) -> None:
        """Count an event."""
        if not rule.users or event.kind is Kind.LOGIN_SUCCEEDED:
            self.count += 1
        else:
            self.failures += 1
        if rule.users and event.user and len(self.users) < MAX_USERS:
            self.users.add(event.user)

    def merge(self, other: PendingCount) -> None:
        """Add the counts of another instance."""
        self.count += other.count
        self.failures += other.failures
        self.users.update(islice(other.users, MAX_USERS - len(self.users)))


PendingCounts = dict[tuple[Rule, str], PendingCount]


class RuleEvaluator:
    """Counts events by rule and subject, and finds the counts that are over a threshold."""

    def __init__(self, scripts: Scripts, settings: Settings, clock: Clock) -> None:
        self._scripts = scripts
        self._clock = clock
        self._pending: PendingCounts = {}
        self.reset()
        self._limits: dict[str, tuple[RateLimitItem, ...]] = {
            rule.name: getattr(settings, f"rule_{rule.name}")
            for rule in RULES
            if not rule.immediate
        }

    def reset(self) -> None:
        """Drop all pending counts: in a forked child they are the parent's to count."""
        self._lock = threading.Lock()
        self._pending = {}
        self._redis_failed = False

    def add(self, event: Event, subjects: Mapping[AlertSubject, str]) -> None:
        """Remember an event until `evaluate`; this does not call Redis."""
        with self._lock:
            for rule in BY_KIND[event.kind]:
                if subject := subjects[rule.subject_kind]:
                    self._pending_count(rule, subject).add(rule, event)

    @property
    def has_pending(self) -> bool:
        """Whether there are events that are not counted in Redis yet."""
        return bool(self._pending)

    def evaluate(self) -> list[Finding]:
        """Count the pending events and return the findings. If Redis fails, counts stay pending."""
        with self._lock:
            pending, self._pending = self._pending, {}
        findings = [
            Finding(rule, subject, pending.pop((rule, subject)).count)
            for rule, subject in list(pending)
            if rule.immediate
        ]
        try:
            while batch := dict(islice(pending.items(), BATCH)):
                findings += self._count(batch)
                for key in batch:
                    del pending[key]
                self._redis_failed = False
        except RedisError as fault:
            if not self._redis_failed:
                logger.warning("the rules wait for Redis: %s", type(fault).__name__)
            self._redis_failed = True
            with self._lock:
                for (rule, subject), count in pending.items():
                    self._pending_count(rule, subject).merge(count)
        return findings

    def _pending_count(self, rule: Rule, subject: str) -> PendingCount:
        """Return the pending count; over MAX_PENDING, one that is dropped."""
        key = (rule, subject)
        if key not in self._pending and len(self._pending) >= MAX_PENDING:
            return PendingCount()
        return self._pending.setdefault(key, PendingCount())

    def _count(self, batch: PendingCounts) -> list[Finding]:
        counters = [
            (rule, subject, item, self._calls(rule, subject, pending, item))
            for (rule, subject), pending in batch.items()
            for item in self._limits[rule.name]
        ]
        replies = self._scripts.pipeline([call for *_, calls in counters for call in calls])
        counts = iter(integers(replies))
        return [
            Finding(rule, subject, count, item.get_expiry(), item.amount, *logins_and_failures)
            for rule, subject, item, calls in counters
            for count, *logins_and_failures in [list(islice(counts, len(calls)))]
            if count > item.amount
        ]

    def _calls(
        self, rule: Rule, subject: str, pending: PendingCount, item: RateLimitItem
    ) -> list[Call]:
        if not rule.users:
            return [_charge(self._window(rule, subject, item), pending.count)]
        users = self._window(rule, subject, item, "users")
        return [
            Call("observe", [users.key], (users.life, *sorted(pending.users))),
            _charge(self._window(rule, subject, item, "logins"), pending.count),
            _charge(self._window(rule, subject, item, "failures"), pending.failures),
        ]

    def _window(self, rule: Rule, subject: str, item: RateLimitItem, *what: str) -> Window:
        root = keys.user_rules(subject) if rule.subject_kind == "user" else keys.rules(subject)
        return declared(item, rule.name, *what).window(root, self._clock())


def _charge(counter: Window, count: int) -> Call:
    return Call("charge", [counter.key], (count, counter.life))
