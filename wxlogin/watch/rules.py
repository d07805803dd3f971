"""The rules of the watch: how much of what is an alert.

Counted in Redis over windows, for all workers together, by the recorder's writer. A window that is
counted twice where Redis gave no answer may alert early; nothing is refused by these counts.
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
from wxlogin.sessions import Scripts, keys
from wxlogin.sessions.scripts import Call
from wxlogin.sessions.windows import Window, declared
from wxlogin.watch.events import By, Event, Kind, Severity

MOST_OWED = 10_000
MOST_USERS = 1_000
BATCH = 100

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rule:
    """What is counted for whom; the setting `rule_<name>` says how much is too much.

    A rule that is `at_once` has no such setting: its first event is an alert. One that counts
    `users` counts the different users of its logins and, beside them, logins and failures.
    """

    name: str
    by: By
    kinds: frozenset[Kind]
    title: str
    advice: str
    severity: Severity = "warning"
    at_once: bool = False
    users: bool = False


RULES = (
    Rule(
        "logins_openid",
        "user",
        frozenset({Kind.LOGIN_SUCCEEDED, Kind.LOGIN_RATE_LIMITED, Kind.LOGIN_BANNED}),
        "Many logins of one user",
        "Look at the user's sessions and logins. A page that logs in in a loop looks like this "
        "too. If it is somebody else, end the sessions or ban the user.",
    ),
    Rule(
        "decrypt_openid",
        "user",
        frozenset({Kind.DECRYPT_FAILED, Kind.SESSION_KEY_STALE}),
        "Many failed decryptions of one user",
        "Somebody may be trying data that is not theirs, or a page sends old data again and "
        "again. Look at the user's events; reset the session_key or ban the user.",
    ),
    Rule(
        "fail_ip",
        "address",
        frozenset({Kind.TOKEN_FORGED, Kind.CODE_INVALID, Kind.CODE_REUSED}),
        "Many forged tokens or bad codes from one address",
        "Block the address at the proxy if it is nobody's you know. After a signing key was "
        "taken away, old tokens count as forged for a while.",
    ),
    Rule(
        "openids_ip",
        "address",
        frozenset({Kind.LOGIN_SUCCEEDED, Kind.TOKEN_FORGED, Kind.CODE_INVALID, Kind.CODE_REUSED}),
        "Many different users from one address",
        "A carrier, a school or a company shares an address among thousands: few failures speak "
        "for that. With many failures, block the address or narrow WXLOGIN_LIMIT_LOGIN_IP.",
        users=True,
    ),
    Rule(
        "wx_errors",
        "app",
        frozenset({Kind.WECHAT_UNAVAILABLE, Kind.WECHAT_RATE_LIMITED, Kind.WECHAT_MISCONFIGURED}),
        "Many errors of WeChat",
        "See whether WeChat is out, whether this server reaches it, and how much of the app's "
        "quota is left.",
    ),
    Rule(
        "wx_misconfigured",
        "app",
        frozenset({Kind.WECHAT_MISCONFIGURED}),
        "WeChat refuses this server",
        "Nobody can log in until the AppSecret, the list of IP addresses and the app's rights at "
        "WeChat are right; the log has the errcode.",
        severity="alarm",
        at_once=True,
    ),
    Rule(
        "leak_blocked",
        "app",
        frozenset({Kind.SECRET_LEAK_BLOCKED}),
        "An answer held a secret and was stopped",
        "The caller got INTERNAL instead. The event has the endpoint: find out how the secret came "
        "into the answer, and replace it if it was seen elsewhere.",
        severity="alarm",
        at_once=True,
    ),
)
BY_NAME = {rule.name: rule for rule in RULES}
BY_KIND = {kind: [rule for rule in RULES if kind in rule.kinds] for kind in Kind}


@dataclass(frozen=True)
class Finding:
    """A rule that fired for a subject: `count` in a window of so many seconds, over `most`."""

    rule: Rule
    subject: str
    count: int
    window: int = 0
    most: int = 0
    logins: int = 0
    failures: int = 0


@dataclass(slots=True)
class Owed:
    """What Redis was not told yet of one rule and subject."""

    count: int = 0
    failures: int = 0
    users: set[str] = field(default_factory=set)

    def note(self, rule: Rule, event: Event) -> None:
        """Take one event in."""
        if not rule.users or event.kind is Kind.LOGIN_SUCCEEDED:
            self.count += 1
        else:
            self.failures += 1
        if rule.users and event.user and len(self.users) < MOST_USERS:
            self.users.add(event.user)

    def add(self, other: Owed) -> None:
        """Take what is owed elsewhere in."""
        self.count += other.count
        self.failures += other.failures
        self.users.update(islice(other.users, MOST_USERS - len(self.users)))


Owing = dict[tuple[Rule, str], Owed]


class Rules:
    """Counts events by rule and subject, and finds those that are over."""

    def __init__(self, scripts: Scripts, settings: Settings, clock: Clock) -> None:
        self._scripts = scripts
        self._clock = clock
        self._owed: Owing = {}
        self.forget()
        self._limits: dict[str, tuple[RateLimitItem, ...]] = {
            rule.name: getattr(settings, f"rule_{rule.name}") for rule in RULES if not rule.at_once
        }

    def forget(self) -> None:
        """Start from nothing: in a forked child, what was noted is its parent's to count."""
        self._lock = threading.Lock()
        self._owed = {}
        self._out = False

    def note(self, event: Event, subjects: Mapping[By, str]) -> None:
        """Remember an event until `judge`; nothing is asked of Redis."""
        with self._lock:
            for rule in BY_KIND[event.kind]:
                if subject := subjects[rule.by]:
                    self._owing(rule, subject).note(rule, event)

    @property
    def waiting(self) -> bool:
        """Whether there is something that is not counted yet."""
        return bool(self._owed)

    def judge(self) -> list[Finding]:
        """Count what was noted; give back what is over. While Redis is out, counts wait."""
        with self._lock:
            owed, self._owed = self._owed, {}
        found = [
            Finding(rule, subject, owed.pop((rule, subject)).count)
            for rule, subject in list(owed)
            if rule.at_once
        ]
        try:
            while batch := dict(islice(owed.items(), BATCH)):
                found += self._counted(batch)
                for key in batch:
                    del owed[key]
                self._out = False
        except RedisError as fault:
            if not self._out:
                logger.warning("the rules wait for Redis: %s", type(fault).__name__)
            self._out = True
            with self._lock:
                for (rule, subject), more in owed.items():
                    self._owing(rule, subject).add(more)
        return found

    def _owing(self, rule: Rule, subject: str) -> Owed:
        key = (rule, subject)
        if key not in self._owed and len(self._owed) >= MOST_OWED:
            return Owed()
        return self._owed.setdefault(key, Owed())

    def _counted(self, batch: Owing) -> list[Finding]:
        counters = [
            (rule, subject, item, self._calls(rule, subject, owed, item))
            for (rule, subject), owed in batch.items()
            for item in self._limits[rule.name]
        ]
        told = iter(self._told([call for *_, calls in counters for call in calls]))
        return [
            Finding(rule, subject, count, item.get_expiry(), item.amount, *beside)
            for rule, subject, item, calls in counters
            for count, *beside in [list(islice(told, len(calls)))]
            if count > item.amount
        ]

    def _told(self, calls: list[Call]) -> list[int]:
        return [int(count) for count in self._scripts.ask_together(calls)]

    def _calls(self, rule: Rule, subject: str, owed: Owed, item: RateLimitItem) -> list[Call]:
        if not rule.users:
            return [_charge(self._window(rule, subject, item), owed.count)]
        users = self._window(rule, subject, item, "users")
        return [
            Call("observe", [users.key], (users.life, *sorted(owed.users))),
            _charge(self._window(rule, subject, item, "logins"), owed.count),
            _charge(self._window(rule, subject, item, "failures"), owed.failures),
        ]

    def _window(self, rule: Rule, subject: str, item: RateLimitItem, *what: str) -> Window:
        root = keys.user_rules(subject) if rule.by == "user" else keys.rules(subject)
        return declared(item, rule.name, *what).window(root, self._clock())


def _charge(counter: Window, count: int) -> Call:
    return Call("charge", [counter.key], (count, counter.life))
