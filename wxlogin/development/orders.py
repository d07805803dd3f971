"""What the page with the phones asks for: the supervisor does it, in its own thread."""

from __future__ import annotations

import queue
import time

from wxlogin.development.app import Gunicorn
from wxlogin.development.valkey import ValkeyServer
from wxlogin.sandbox import Orders

REDIS, SINGLE_DEVICE = "redis", "single-device"
POLICIES = ("off", "per-platform", "all")
OUT_SECONDS = 3.0
"""How long Redis stays away."""


class OrderBook:
    """Orders as they come, and the parts that carry them out."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._back = 0.0

    def offered(self, valkey: bool) -> Orders:
        """Return what the page may ask for; a Redis of somebody else's is left alone."""
        redis = {REDIS: ("kill",)} if valkey else {}
        return Orders({**redis, SINGLE_DEVICE: POLICIES}, self._take)

    def wait(self, seconds: float, gunicorn: Gunicorn, valkey: ValkeyServer | None) -> str:
        """Wait for an order and carry it out; return what to print, empty if there was none."""
        try:
            name, value = self._waiting.get(timeout=seconds)
        except queue.Empty:
            return ""
        if name == REDIS and valkey:
            self._back = time.monotonic() + OUT_SECONDS
            valkey.kill()
            return "Valkey was killed, as the page with the phones asked."
        gunicorn.change(WXLOGIN_SINGLE_DEVICE_LOGIN=value)
        return f"New workers take over with WXLOGIN_SINGLE_DEVICE_LOGIN={value}."

    @property
    def keeps_redis_out(self) -> bool:
        """Whether Redis is to stay away for a while."""
        return time.monotonic() < self._back

    def _take(self, name: str, value: str) -> None:
        self._waiting.put((name, value))
