"""The storage behind Flask-Limiter: fixed windows in Redis, under our key names, on our clock."""

from __future__ import annotations

from typing import Any

from limits.storage import Storage
from redis.exceptions import RedisError

from wxlogin.clock import Clock
from wxlogin.sessions.scripts import Scripts

SCHEME = "wxlogin"
NAMESPACE = "LIMITER/"
"""What the library puts before every key; our names need no second root."""


class Windows(Storage):
    """Counts in windows that begin at whole multiples of their length since 1970.

    So every worker and host agrees on when a window ends without asking Redis.
    """

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  the library declares it so

    def __init__(self, uri: str | None = None, **options: Any) -> None:
        super().__init__(uri)
        self._scripts: Scripts = options["scripts"]
        self._clock: Clock = options["clock"]

    @property
    def base_exceptions(self) -> type[Exception]:
        """The store's faults; they pass through and become 503."""
        return RedisError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count; give back the window's count so far. One round trip."""
        window, left = divmod(self._clock(), expiry)
        name = f"{key.removeprefix(NAMESPACE)}/{int(window)}"
        life = int((expiry - left) * 1000) + 1000
        return int(self._scripts.run("charge", [name], amount, life))

    def get(self, key: str) -> int:
        """How often the key is counted; nobody asks: a verdict comes from `incr`."""
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        """When the key's window ends; the limit itself knows, see RateLimits."""
        raise NotImplementedError

    def check(self) -> bool:
        """Whether Redis answers."""
        return bool(self._scripts.redis.ping())

    def reset(self) -> int | None:
        """Refused: it would have to walk the whole keyspace."""
        raise NotImplementedError

    def clear(self, key: str) -> None:
        """Refused, like `reset`."""
        raise NotImplementedError
