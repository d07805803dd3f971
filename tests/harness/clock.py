"""A clock that tests set."""

from __future__ import annotations

import time


class SettableClock:
    """Unix seconds that stand still until a test moves them."""

    def __init__(self) -> None:
        self._now = float(int(time.time()))

    def __call__(self) -> float:
        return self._now

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds
