"""Times: parsed from what callers send, and formatted for answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from wxlogin.clock import iso_time

__all__ = ["Moment", "iso_or_none", "iso_time"]

FIRST_YEAR = 1970
LAST_YEAR = 2199


def _moment(value: Any) -> datetime:
    """Parse an ISO 8601 time with its zone, to the second."""
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo and FIRST_YEAR < at.year <= LAST_YEAR:
            return at.astimezone(UTC).replace(microsecond=0)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError("should be a time such as 2030-01-31T12:00:00Z")


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


def iso_or_none(time: datetime | None) -> str | None:
    """Return a time as `iso_time` does, None for None."""
    return None if time is None else iso_time(time)
