"""session_keys: exactly one valid key for each user of each app."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

RotateOnLogin = Literal["never", "aged", "always"]
Pair = tuple[str, str]
"""appid and user."""


@dataclass(frozen=True)
class SessionKey:
    """One key: base64 of 16 bytes; times in Unix seconds."""

    value: str = field(repr=False)
    created: float
    expires: float


class SessionKeys:
    """The valid keys. The caller holds the world's lock.

    WeChat documents neither the lifetime of a key nor its minimum age at a rotation, so both are
    settings: `ttl` and `min_refresh`, in seconds. With `slides`, a login extends the expiry.
    """

    def __init__(self) -> None:
        self.min_refresh = 60.0
        self.ttl = 3 * 86400.0
        self.slides = True
        self._rotate_on_login: RotateOnLogin = "aged"
        self._keys: dict[Pair, SessionKey] = {}

    @property
    def rotate_on_login(self) -> RotateOnLogin:
        """When wx.login replaces a live key: never, once it is `min_refresh` old, or always."""
        return self._rotate_on_login

    @rotate_on_login.setter
    def rotate_on_login(self, policy: RotateOnLogin) -> None:
        if policy not in get_args(RotateOnLogin):
            raise ValueError("rotate_on_login must be never, aged or always")
        self._rotate_on_login = policy

    def live(self, pair: Pair, now: float) -> SessionKey | None:
        """Return the valid key, or None when there is none or it has expired."""
        key = self._keys.get(pair)
        return key if key and now < key.expires else None

    def current(self, pair: Pair, now: float) -> SessionKey:
        """Return the valid key; generate one if there is none."""
        return self.live(pair, now) or self.rotate(pair, now)

    def at_login(self, pair: Pair, now: float) -> SessionKey:
        """Return the key that is valid after a wx.login, which may rotate it."""
        key = self.live(pair, now)
        if key is None or self._is_due(key, now):
            return self.rotate(pair, now)
        if self.slides:
            key = self._keys[pair] = replace(key, expires=now + self.ttl)
        return key

    def rotate(self, pair: Pair, now: float) -> SessionKey:
        """Generate a new key, which invalidates the previous one."""
        key = self._keys[pair] = SessionKey(_random_key(), now, now + self.ttl)
        return key

    def reset(self, pair: Pair, key: SessionKey, now: float) -> SessionKey:
        """Generate a new key with the expiry of `key`, as WeChat's reset does."""
        fresh = self._keys[pair] = SessionKey(_random_key(), now, key.expires)
        return fresh

    def expire(self, pair: Pair) -> None:
        """Delete the key without a successor."""
        self._keys.pop(pair, None)

    def _is_due(self, key: SessionKey, now: float) -> bool:
        if self._rotate_on_login == "aged":
            return now - key.created >= self.min_refresh
        return self._rotate_on_login == "always"


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(16)).decode()
