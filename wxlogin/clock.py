"""Time: the one clock that everything asks, so that tests can set it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], float]
"""Gives Unix seconds."""

system_clock: Clock = time.time


def milliseconds(clock: Clock) -> int:
    """The clock's time in whole milliseconds, as the records in Redis hold it."""
    return int(clock() * 1000)


def iso(milliseconds: int) -> str:
    """ISO 8601 in UTC, to the second: how every time stands in an answer."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).isoformat().replace("+00:00", "Z")
