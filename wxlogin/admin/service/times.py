"""Times of the database as they stand in answers."""

from __future__ import annotations

from datetime import datetime

from wxlogin.clock import iso


def iso_time(time: datetime) -> str:
    """ISO 8601 in UTC."""
    return iso(int(time.timestamp()) * 1000)


def iso_or_none(time: datetime | None) -> str | None:
    """As `iso_time`, where there is a time."""
    return None if time is None else iso_time(time)
