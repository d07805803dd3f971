"""access_tokens of the two families, stable and plain, which are independent."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import Literal

from wxlogin.sandbox.errcodes import WxError

TOKEN_LIFE = 7200
OVERLAP = 300
"""Seconds that a replaced token stays valid, and before expiry when a stable one is renewed."""
FORCED_INTERVAL = 30
MAX_FORCED_PER_DAY = 20
_REMEMBERED = 86400
_BEIJING = 8 * 3600
_SHAPE = re.compile(r"[0-9]{2}_[A-Za-z0-9_-]{1,509}")

Family = Literal["stable", "plain"]


@dataclass
class AccessToken:
    """An access_token; `expires` is its announced expiry, `valid_until` the actual one."""

    value: str = field(repr=False)
    family: Family
    appid: str
    expires: float
    valid_until: float
    replaced: bool = False

    def replace(self, until: float, now: float) -> None:
        """Mark a token that is still valid as replaced; it is valid until `until`."""
        if now < self.valid_until:
            self.valid_until = until
            self.replaced = True


@dataclass
class ForcedRefreshes:
    """The forced refreshes of one app on one day (Beijing time)."""

    day: int = -1
    count: int = 0
    last: float = float("-inf")


class AccessTokens:
    """Valid tokens, and those invalid for less than a day. The caller holds the world's lock."""

    def __init__(self) -> None:
        self._known: dict[str, AccessToken] = {}
        self._latest: dict[tuple[Family, str], AccessToken] = {}
        self._forces: dict[str, ForcedRefreshes] = {}

    def plain(self, appid: str, now: float) -> AccessToken:
        """Return a new token; the previous one stays valid for five minutes."""
        return self._renewed("plain", appid, now)

    def stable(self, appid: str, now: float, *, force: bool) -> AccessToken:
        """Return the token in force, renewed when under five minutes are left or by force.

        WxError 45009 after twenty forced refreshes a day; one within 30 s of the last refreshes
        nothing.
        """
        if force and self._may_force(appid, now):
            self.invalidate(appid, now, "stable")
            return self._renewed("stable", appid, now)
        latest = self._latest.get(("stable", appid))
        if latest is None or latest.replaced or latest.expires - now < OVERLAP:
            return self._renewed("stable", appid, now)
        return latest

    def invalidate(self, appid: str, now: float, family: Family | None = None) -> None:
        """Invalidate the app's tokens of a family, or all of them, at once."""
        for token in self._known.values():
            if token.appid == appid and family in (None, token.family):
                token.replace(now, now)

    def appid_of(self, value: str, now: float) -> str:
        """Return the app of a valid token; WxError 41001, 40014, 40001 or 42001."""
        if not value:
            raise WxError(41001)
        if not _SHAPE.fullmatch(value):
            raise WxError(40014)
        token = self._known.get(value)
        if token is None:
            raise WxError(40001)
        if now >= token.valid_until:
            raise WxError(40001 if token.replaced else 42001)
        return token.appid

    def _renewed(self, family: Family, appid: str, now: float) -> AccessToken:
        self._drop_old(now)
        before = self._latest.get((family, appid))
        if before is not None:
            before.replace(now + OVERLAP, now)
        expires = now + TOKEN_LIFE
        token = AccessToken(_random_token(), family, appid, expires, expires)
        self._known[token.value] = self._latest[family, appid] = token
        return token

    def _may_force(self, appid: str, now: float) -> bool:
        day = int((now + _BEIJING) // 86400)
        forces = self._forces.setdefault(appid, ForcedRefreshes())
        if now - forces.last < FORCED_INTERVAL:
            return False
        count = forces.count if forces.day == day else 0
        if count >= MAX_FORCED_PER_DAY:
            raise WxError(45009)
        self._forces[appid] = ForcedRefreshes(day, count + 1, now)
        return True

    def _drop_old(self, now: float) -> None:
        dead = [v for v, token in self._known.items() if token.valid_until + _REMEMBERED <= now]
        for value in dead:
            del self._known[value]


def _random_token() -> str:
    return f"{10 + secrets.randbelow(90)}_{secrets.token_urlsafe(96)}"
