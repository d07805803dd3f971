"""Times, durations and numbers in the format of the reader's language.

People read times in the zone of WXLOGIN_TIMEZONE, which is that of `flask_babel.get_timezone`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

from babel.dates import format_datetime, format_skeleton, format_time, format_timedelta
from babel.numbers import format_decimal
from flask_babel import get_locale, get_timezone

from wxlogin.local_time import offset_name
from wxlogin.services import services

Moment = datetime | str


def utc(value: Moment) -> str:
    """Return a time as ISO 8601 in UTC, for machines."""
    return _moment(value).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(value: Moment) -> str:
    """Return a time for people, with its offset; a script on the page adds how long ago it was."""
    at = _local(value)
    return f"{format_datetime(at, 'medium', locale=get_locale())} {offset_name(at)}"


def ago(value: Moment) -> str:
    """Return how long ago a time was, or in how long it will be, such as `3 days ago`."""
    seconds = int(_moment(value).timestamp() - services.clock()) or -1
    return str(format_timedelta(seconds, add_direction=True, locale=get_locale()))


def clock_time(value: Moment) -> str:
    """Return the time of day, to the second."""
    return str(format_time(_local(value), "medium", locale=get_locale()))


def when(value: Moment, span: Literal["hour", "day"]) -> str:
    """Return the hour or the day that begins at a time, for the axis of a chart."""
    skeleton = "Hm" if span == "hour" else "MMMd"
    return str(format_skeleton(skeleton, _local(value), locale=get_locale()))


def span(value: Moment, length: Literal["hour", "day"]) -> str:
    """Return the hour from one time of day to the next, or the day, that begins at a time."""
    if length == "day":
        return when(value, length)
    return f"{when(value, length)}–{when(_moment(value) + timedelta(hours=1), length)}"


def form_time(value: Moment) -> str:
    """Return a time as a field of a form has it, in the zone of `WXLOGIN_TIMEZONE`."""
    return f"{_local(value):%Y-%m-%dT%H:%M}"


def offset(value: Moment) -> str:
    """Return the offset from UTC in which people read a time, such as `UTC+8`."""
    return offset_name(_local(value))


def lasting(seconds: int) -> str:
    """Return a rough duration in words, such as `3 days`."""
    return format_timedelta(seconds, threshold=1.2, locale=get_locale())


def number(value: float) -> str:
    """Return a number with separators of thousands."""
    return format_decimal(value, locale=get_locale())


FILTERS = {
    "utc": utc,
    "moment": moment,
    "ago": ago,
    "clock_time": clock_time,
    "when": when,
    "span": span,
    "form_time": form_time,
    "offset": offset,
    "lasting": lasting,
    "number": number,
}


def _moment(value: Moment) -> datetime:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(UTC)


def _local(value: Moment) -> datetime:
    return _moment(value).astimezone(get_timezone())
