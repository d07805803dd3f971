"""The clock of the whole program, which tests can set."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], float]
"""Returns Unix seconds."""

system_clock: Clock = time.time


def utc_now(clock: Clock) -> datetime:
    """Return the clock's time as the databases' columns hold it."""
    return datetime.fromtimestamp(clock(), UTC)


def milliseconds(clock: Clock) -> int:
    """Return the clock's time in whole milliseconds, as the records in Redis contain it."""
    return int(clock() * 1000)


def iso(milliseconds: int) -> str:
    """Return a time in Unix ms as every answer has it: ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).isoformat().replace("+00:00", "Z")


def iso_unix(seconds: float) -> str:
    """Return a time in Unix seconds as every answer has it."""
    return iso(int(seconds) * 1000)


def iso_time(time: datetime) -> str:
    """Return a time of the database as every answer has it."""
    return iso_unix(time.timestamp())
