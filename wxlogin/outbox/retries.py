"""When a delivery that was not accepted is tried again."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

DELAYS = (10, 30, 90, 300, 900, 2_700, 7_200, 14_400)
"""Seconds before each further attempt; the last one repeats."""
JITTER = 0.2
LIFE = timedelta(hours=24)
"""After this long without success a delivery has failed."""
PAUSE_AFTER = timedelta(days=3)
"""An endpoint that accepted nothing for so long is paused."""

_random = secrets.SystemRandom()


def next_attempt(attempts: int, began_at: datetime, now: datetime) -> datetime | None:
    """Return the time of the next attempt after so many, None if the delivery has failed."""
    delay = DELAYS[min(attempts, len(DELAYS)) - 1] * _random.uniform(1 - JITTER, 1 + JITTER)
    at = now + timedelta(seconds=delay)
    return at if at <= began_at + LIFE else None
