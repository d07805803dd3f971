"""Marks of pushes that were handled: WeChat sends one up to three times, and anybody may replay."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis.exceptions import RedisError

from wxlogin.redisdb import keys
from wxlogin.redisdb.scripts import Scripts
from wxlogin.wechat.errors import PushInProgress

HANDLING_MS = 30_000
"""How long a worker that died keeps the next copy waiting."""
HANDLED = "handled"


class PushMarks:
    """Lets one copy of a push through. `kept` is for how many seconds a mark is remembered."""

    def __init__(self, scripts: Scripts, kept: int) -> None:
        self._redis = scripts.redis
        self._scripts = scripts
        self._kept_ms = kept * 1000

    @contextmanager
    def once(self, appid: str, identity: str) -> Iterator[bool]:
        """Yield whether a push is new. If the block fails, the next copy is new again.

        Raises PushInProgress while another worker handles a copy: if that one fails, WeChat has
        still one to send.
        """
        digest = hashlib.sha256(f"{appid}\x00{identity}".encode()).hexdigest()
        key, owner = keys.push(digest), secrets.token_urlsafe(12)
        if not self._redis.set(key, owner, nx=True, px=HANDLING_MS):
            if self._redis.get(key) != HANDLED:
                raise PushInProgress(retry_after=1)
            yield False
            return
        try:
            yield True
        except BaseException:
            with suppress(RedisError):
                self._scripts.call_once("release", [key], owner)
            raise
        self._redis.set(key, HANDLED, px=self._kept_ms)
