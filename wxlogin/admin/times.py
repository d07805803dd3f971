"""Times of the database, formatted for answers."""

from __future__ import annotations

from datetime import datetime

from wxlogin.clock import iso_time

__all__ = ["iso_or_none", "iso_time"]


def iso_or_none(time: datetime | None) -> str | None:
    """Return a time as `iso_time` does, None for None."""
    return None if time is None else iso_time(time)
