"""Times of the database, formatted for answers."""

from __future__ import annotations

from datetime import datetime

from wxlogin.clock import iso


def iso_time(time: datetime) -> str:
    """Return a time as ISO 8601 in UTC."""
    return iso(int(time.timestamp()) * 1000)


def iso_or_none(time: datetime | None) -> str | None:
    """Return a time as `iso_time` does, None for None."""
    return None if time is None else iso_time(time)
