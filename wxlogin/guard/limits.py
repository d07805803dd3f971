"""Rate limits: by address before authentication, by user after it.

They are declared in the settings and counted through Flask-Limiter on Redis. The user's counters
lie in the user's slot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Literal, cast, get_args

from flask import Flask
from flask_limiter import Limiter
from limits import RateLimitItem

from config import Settings
from wxlogin.clock import Clock
from wxlogin.sessions import Scripts, keys
from wxlogin.sessions.windows import (
    SCHEME,
    LimitReached,
    RateLimited,
    Window,
    charges,
    declared,
    judge,
)

AddressLimit = Literal["login_ip", "api_ip", "fail_ip", "admin_ip"]
UserLimit = Literal["login_openid", "api_openid", "decrypt_openid"]
SubjectLimit = Literal["admin_name", "api_token"]
Limit = AddressLimit | UserLimit | SubjectLimit
LIMITS: tuple[Limit, ...] = tuple(
    name for kind in (AddressLimit, UserLimit, SubjectLimit) for name in get_args(kind)
)

MOST_REMEMBERED = 10_000


class RateLimits:
    """Charges limits. Redis faults pass through: what cannot be counted is not let in."""

    def __init__(self, scripts: Scripts, settings: Settings, clock: Clock) -> None:
        self._limiter = Limiter(
            key_func=_no_key,
            storage_uri=f"{SCHEME}://",
            storage_options=cast("Any", {"scripts": scripts, "clock": clock}),
            strategy="fixed-window",
        )
        self._scripts = scripts
        self._over: dict[tuple[str, str], float] = {}
        self._settings = settings
        self._clock = clock
        self._declared = {
            name: [declared(item, name) for item in self.items(name)] for name in LIMITS
        }

    def bind(self, app: Flask) -> None:
        """Bind Flask-Limiter to the app."""
        # Its hooks judge limits that hang on routes, of which there are none here; to an app that
        # has the limiter it hangs no hooks.
        app.extensions["limiter"] = {self._limiter}
        self._limiter.init_app(app)

    def refuse_over(self, limit: AddressLimit, address_key: str) -> None:
        """RATE_LIMITED for an address that this worker knows to be over, without a round trip."""
        until = self._over.get((limit, address_key))
        if until is not None and (left := until - self._clock()) > 0:
            raise RateLimited(limit, left)

    def charge_address(self, limit: AddressLimit, address_key: str, cost: int = 1) -> None:
        """Count a request of an address; RATE_LIMITED over the limit, and from then on at once."""
        self.refuse_over(limit, address_key)
        try:
            self._charge(limit, keys.address_limits(address_key), cost)
        except LimitReached as over:
            self.remember(address_key, over)
            raise

    def charge_login(self, address_key: str) -> None:
        """Count a login of an address, and learn what other workers counted of its failures.

        One round trip. RATE_LIMITED over either limit, and from then on at once.
        """
        self.refuse_over("login_ip", address_key)
        failures = self.of_address("fail_ip", address_key)
        logins = self.of_address("login_ip", address_key)
        counts = self._scripts.ask_together([*charges(failures, cost=0), *charges(logins)])
        try:
            judge([*failures, *logins], counts)
        except LimitReached as over:
            self.remember(address_key, over)
            raise

    def charge_subject(self, limit: SubjectLimit, subject: str) -> None:
        """Count a sign-in under an admin's name, or a call with an API token; by its digest."""
        self._charge(limit, _of_subject(subject), 1)

    def of_address(self, limit: AddressLimit, address_key: str) -> list[Window]:
        """The address's counters, for a call that charges them itself."""
        return self._windows(limit, keys.address_limits(address_key))

    def of_user(self, limits: Sequence[UserLimit], tag: str) -> list[Window]:
        """The user's counters, for a call that charges them itself."""
        return [one for limit in limits for one in self._windows(limit, keys.user_limits(tag))]

    def of_subject(self, limit: SubjectLimit, subject: str) -> list[Window]:
        """The counters of an admin's name or an API token, for a call that charges them itself."""
        return self._windows(limit, _of_subject(subject))

    def remember(self, address_key: str, over: LimitReached) -> None:
        """Refuse the address in this worker until the window ends."""
        now = self._clock()
        if len(self._over) >= MOST_REMEMBERED:
            self._over = {known: until for known, until in self._over.items() if until > now}
        if len(self._over) < MOST_REMEMBERED:
            self._over[over.limit, address_key] = now + over.window.left

    def items(self, limit: Limit) -> tuple[RateLimitItem, ...]:
        """The windows that the settings declare for a limit."""
        found: tuple[RateLimitItem, ...] = getattr(self._settings, f"limit_{limit}")
        return found

    def _windows(self, limit: Limit, subject: str) -> list[Window]:
        now = self._clock()
        return [one.window(subject, now) for one in self._declared[limit]]

    def _charge(self, limit: Limit, subject: str, cost: int) -> None:
        """Charge all windows, as the session's script does; RATE_LIMITED until the last is over."""
        over = [
            window
            for item, window in zip(self.items(limit), self._windows(limit, subject), strict=True)
            if not self._limiter.limiter.hit(item, subject, limit, cost=cost)
        ]
        if over:
            raise LimitReached(max(over, key=lambda one: one.left))


def _of_subject(subject: str) -> str:
    return keys.subject_limits(hashlib.sha256(subject.encode()).hexdigest()[:32])


def _no_key() -> str:
    """Every limit here is charged by name; one that is declared elsewhere has no key to count."""
    raise NotImplementedError
