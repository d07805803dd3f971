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


def eventually(holds: Callable[[], object], seconds: float = 10) -> None:
    """Wait until something holds that another thread or process brings about."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.01)
