"""Times as people read them: in the zone of WXLOGIN_TIMEZONE, which its offset names."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo

from wxlogin.clock import Clock, utc_now


def offset_name(at: datetime) -> str:
    """Return the offset of a time that has a zone, such as `UTC+08:00`, or `UTC`."""
    return str(timezone(at.utcoffset() or timedelta()))


def current_offset(zone: tzinfo, clock: Clock) -> timezone:
    """Return the offset that the zone has now: one name for a whole column of times."""
    return timezone(utc_now(clock).astimezone(zone).utcoffset() or timedelta())


def last_hours(count: int, zone: tzinfo, now: datetime) -> list[datetime]:
    """Return when the last hours of a zone began, oldest first; the last one is still running."""
    past = timedelta(minutes=now.astimezone(zone).minute, seconds=now.second)
    last = now.replace(microsecond=0) - past
    return [last - timedelta(hours=ago) for ago in reversed(range(count))]


def last_days(count: int, zone: tzinfo, now: datetime) -> list[datetime]:
    """Return when the last days of a zone began, oldest first; the last one is still running."""
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    # Subtracted by the calendar: a day on which the clocks change has 23 or 25 hours.
    return [
        (today.replace(tzinfo=None) - timedelta(days=ago)).replace(tzinfo=zone)
        for ago in reversed(range(count))
    ]
