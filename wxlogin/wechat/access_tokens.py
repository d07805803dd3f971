"""The access_token of each app: one for all workers and hosts, fetched by one of them at a time.

stable_token gives every caller the same token, and renews it in its last five minutes (page
getStableAccessToken); a forced refresh ends the one before at once.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from wxlogin import errors
from wxlogin.clock import Clock, milliseconds
from wxlogin.errors import ApiError
from wxlogin.sessions import Scripts, keys
from wxlogin.vault import Vault
from wxlogin.vault.held import held
from wxlogin.wechat.client import AccessTokenRefused, WeChat

RENEW_BEFORE_MS = 300_000
LOCK_MS = 15_000
WAIT_SECONDS = 5.0
POLL_SECONDS = 0.05
WAITERS = 64

Result = TypeVar("Result")


class Credentials(NamedTuple):
    """What an access_token is asked for with."""

    appid: str
    secret: str

    def __repr__(self) -> str:
        return f"Credentials({self.appid})"


class AccessToken(NamedTuple):
    """A token, and when it ends in ms."""

    value: str
    until: int

    def __repr__(self) -> str:
        return f"AccessToken(until={self.until})"


class AccessTokens:
    """Hands out access_tokens, sealed in Redis between calls."""

    def __init__(self, scripts: Scripts, vault: Vault, wechat: WeChat, clock: Clock) -> None:
        self._redis = scripts.redis
        self._scripts = scripts
        self._vault = vault
        self._wechat = wechat
        self._clock = clock
        self._places = threading.BoundedSemaphore(WAITERS)

    def use(self, app: Credentials, call: Callable[[str], Result]) -> Result:
        """Make a call with the app's token; a token that WeChat refuses is fetched anew, once.

        It is dropped only if it is still the one that failed: another worker may have been here.
        """
        token = self.get(app).value
        try:
            return call(token)
        except AccessTokenRefused:
            self._drop(app.appid, token)
        try:
            return call(self.get(app).value)
        except AccessTokenRefused:
            raise ApiError(errors.WX_MISCONFIGURED) from None

    def get(self, app: Credentials) -> AccessToken:
        """The app's token. In its last five minutes one caller renews it, all others go on."""
        token = self._kept(app.appid)
        if token is None:
            return self._renewed(app) or self._in_turn(app)
        if self._is_fresh(token):
            return token
        with suppress(ApiError):  # the old one is good for some minutes yet
            return self._renewed(app) or token
        return token

    def refresh(self, app: Credentials) -> None:
        """Fetch a token by force: the one before dies at once, wherever it has leaked to."""
        lock, owner = keys.access_token_lock(app.appid), secrets.token_urlsafe(12)
        # Whoever is fetching meanwhile finds the lock taken over, and keeps nothing.
        self._redis.set(lock, owner, px=LOCK_MS)
        try:
            self._keep(app.appid, self._wechat.stable_token(*app, force=True))
        finally:
            self._scripts.run("release", [lock], owner)

    def _renewed(self, app: Credentials) -> AccessToken | None:
        """A fresh token, or None where somebody else is fetching it."""
        lock, owner = keys.access_token_lock(app.appid), secrets.token_urlsafe(12)
        if not self._redis.set(lock, owner, nx=True, px=LOCK_MS):
            return None
        try:
            kept = self._kept(app.appid)  # somebody may have fetched it since this one looked
            if kept and self._is_fresh(kept):
                return kept
            granted = self._wechat.stable_token(*app)
            if self._redis.get(lock) != owner:  # it took too long, or another was forced
                return self._kept(app.appid)
            return self._keep(app.appid, granted)
        finally:
            self._scripts.run("release", [lock], owner)

    def _in_turn(self, app: Credentials) -> AccessToken:
        """Wait for the token; WX_UNAVAILABLE where many wait, as each of them asks Redis often."""
        if not self._places.acquire(blocking=False):
            raise ApiError(errors.WX_UNAVAILABLE)
        try:
            return self._awaited(app)
        finally:
            self._places.release()

    def _awaited(self, app: Credentials) -> AccessToken:
        """The token that somebody else is fetching; WX_UNAVAILABLE if that takes too long."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            if token := self._kept(app.appid) or self._renewed(app):
                return token
        raise ApiError(errors.WX_UNAVAILABLE)

    def _is_fresh(self, token: AccessToken) -> bool:
        return token.until - milliseconds(self._clock) > RENEW_BEFORE_MS

    def _kept(self, appid: str) -> AccessToken | None:
        place = keys.access_token(appid)
        sealed, until = self._scripts.fields(place, "token", "until")
        if not sealed or int(until or 0) <= milliseconds(self._clock):
            return None
        value = self._vault.open_kept(sealed, place)
        if value is None:
            return None
        held.keep("access_token", appid, value)
        return AccessToken(value, int(until or 0))

    def _keep(self, appid: str, granted: tuple[str, int]) -> AccessToken:
        value, seconds = granted
        held.keep("access_token", appid, value)
        place, life = keys.access_token(appid), seconds * 1000
        token = AccessToken(value, milliseconds(self._clock) + life)
        record: dict[Any, Any] = {
            "token": self._vault.seal(value, place),
            "until": str(token.until),
            "digest": _digest(value),
        }
        with self._redis.at(place).pipeline(transaction=True) as pipe:
            pipe.hset(place, mapping=record)
            pipe.pexpire(place, life)
            pipe.execute()
        return token

    def _drop(self, appid: str, token: str) -> None:
        self._scripts.run("drop_access_token", [keys.access_token(appid)], _digest(token))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:32]
