"""The access_token of each app, which all workers and hosts share; one of them fetches it.

stable_token returns the same token to every caller, and renews it in its last five minutes (page
getStableAccessToken); a forced refresh ends the previous one at once.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, TypeVar

from wxlogin.clock import Clock, milliseconds
from wxlogin.redisdb import Scripts, keys
from wxlogin.vault import Vault
from wxlogin.vault.leak_guard import leak_guard
from wxlogin.wechat.client import WeChatClient
from wxlogin.wechat.errors import AccessTokenRefused, Misconfigured, Unavailable, WeChatError

RENEW_BEFORE_MS = 300_000
LOCK_MS = 15_000
RESET_MS = 60_000
WAIT_SECONDS = 5.0
POLL_SECONDS = 0.05
MAX_WAITERS = 64

Result = TypeVar("Result")


class Credentials(NamedTuple):
    """The appid and the AppSecret."""

    appid: str
    secret: str

    def __repr__(self) -> str:
        return f"Credentials({self.appid})"


class AccessToken(NamedTuple):
    """A token, and the time when it expires, in ms."""

    value: str
    until: int

    def __repr__(self) -> str:
        return f"AccessToken(until={self.until})"


class AccessTokens:
    """Fetches, caches and renews access_tokens; they are sealed in Redis."""

    def __init__(self, scripts: Scripts, vault: Vault, wechat: WeChatClient, clock: Clock) -> None:
        self._redis = scripts.redis
        self._scripts = scripts
        self._vault = vault
        self._wechat = wechat
        self._clock = clock
        self._waiters = threading.BoundedSemaphore(MAX_WAITERS)

    def use(self, app: Credentials, call: Callable[[str], Result]) -> Result:
        """Make a call with the app's token; if WeChat refuses the token, once more with a new one.

        Raises Misconfigured if WeChat refuses that too. A token is deleted only if it is still the
        one that failed: another worker may have replaced it.
        """
        token = self.get(app).value
        try:
            return call(token)
        except AccessTokenRefused:
            self.delete(app.appid, token)
        try:
            return call(self.get(app).value)
        except AccessTokenRefused:
            raise Misconfigured from None

    def get(self, app: Credentials) -> AccessToken:
        """Return the app's token. In its last five minutes only one caller renews it."""
        token = self._read(app.appid)
        if token is None:
            return self._renew(app) or self._wait(app)
        if self._is_fresh(token):
            return token
        with suppress(WeChatError):  # the old one is valid for some more minutes
            return self._renew(app) or token
        return token

    def held(self, appid: str) -> str | None:
        """Return the token that Redis holds, or None; WeChat is not asked."""
        token = self._read(appid)
        return token and token.value

    def delete(self, appid: str, token: str) -> None:
        """Delete a token that WeChat refused, if it is still the stored one."""
        self._scripts.call_once("drop_access_token", [keys.access_token(appid)], _digest(token))

    def refresh(self, app: Credentials) -> None:
        """Force a new token: the previous one ends at once, even if it has leaked."""
        lock, owner = keys.access_token_lock(app.appid), secrets.token_urlsafe(12)
        # A concurrent fetch finds that it has lost the lock, and stores nothing.
        self._redis.set(lock, owner, px=LOCK_MS)
        try:
            self._store(app.appid, self._wechat.stable_token(*app, force=True))
        finally:
            self._scripts.call_once("release", [lock], owner)

    def refresh_again(self, app: Credentials) -> bool:
        """As `refresh`, by one worker of all; return False if another one is at it."""
        if not self._redis.set(keys.access_token_reset(app.appid), 1, nx=True, px=RESET_MS):
            return False
        try:
            self.refresh(app)
        except WeChatError:
            self._redis.delete(keys.access_token_reset(app.appid))
            raise
        return True

    def _renew(self, app: Credentials) -> AccessToken | None:
        """Return a fresh token, or None if another caller is fetching it."""
        lock, owner = keys.access_token_lock(app.appid), secrets.token_urlsafe(12)
        if not self._redis.set(lock, owner, nx=True, px=LOCK_MS):
            return None
        try:
            cached = self._read(app.appid)  # another caller may have stored one meanwhile
            if cached and self._is_fresh(cached):
                return cached
            granted = self._wechat.stable_token(*app)
            if self._redis.get(lock) != owner:  # it took too long, or a refresh was forced
                return self._read(app.appid)
            return self._store(app.appid, granted)
        finally:
            self._scripts.call_once("release", [lock], owner)

    def _wait(self, app: Credentials) -> AccessToken:
        """Wait for the token; Unavailable if many wait already: each of them polls Redis."""
        if not self._waiters.acquire(blocking=False):
            raise Unavailable
        try:
            return self._poll(app)
        finally:
            self._waiters.release()

    def _poll(self, app: Credentials) -> AccessToken:
        """Return the token that another caller is fetching; Unavailable if that takes too long."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            if token := self._read(app.appid) or self._renew(app):
                return token
        raise Unavailable

    def _is_fresh(self, token: AccessToken) -> bool:
        return token.until - milliseconds(self._clock) > RENEW_BEFORE_MS

    def _read(self, appid: str) -> AccessToken | None:
        key = keys.access_token(appid)
        sealed, until = self._scripts.fields(key, "token", "until")
        if not sealed or int(until or 0) <= milliseconds(self._clock):
            return None
        value = self._vault.open_or_none(sealed, aad=key)
        if value is None:
            return None
        leak_guard.register("access_token", appid, value)
        return AccessToken(value, int(until or 0))

    def _store(self, appid: str, granted: tuple[str, int]) -> AccessToken:
        value, seconds = granted
        leak_guard.register("access_token", appid, value)
        key, lifetime = keys.access_token(appid), seconds * 1000
        token = AccessToken(value, milliseconds(self._clock) + lifetime)
        sealed, digest = self._vault.seal(value, key), _digest(value)
        fields = ("token", sealed, "until", token.until, "digest", digest)
        self._scripts.call_once("write_hash", [key], lifetime, *fields)
        return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:32]
