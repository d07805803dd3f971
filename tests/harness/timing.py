"""What is told in time."""

from __future__ import annotations

import time
from collections.abc import Callable


def told_within(seconds: float, ask: Callable[[], str]) -> str:
    """What `ask` gives back, if that does not take longer."""
    started = time.monotonic()
    told = ask()
    taken = time.monotonic() - started
    assert taken < seconds, f"{told} after {taken:.2f} s"
    return told
