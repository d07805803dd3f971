"""Time ranges of tables that are read by row id, newest first.

Row ids grow with time, but for rows that waited for the database. An index of time and id says
between which ids a range lies; without these bounds a page of last month reads this month first, or
sorts all of last month.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, false, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session


def id_bounds(
    session: Session,
    row_id: InstrumentedAttribute[int],
    time: InstrumentedAttribute[datetime],
    since: datetime | None,
    until: datetime | None,
) -> list[ColumnElement[bool]]:
    """Return conditions on the row id that every row of a range meets; none for an open end."""
    if until is None:
        return []
    within = [time < until, *([time >= since] if since is not None else [])]
    first, last = session.execute(select(func.min(row_id), func.max(row_id)).where(*within)).one()
    return [false()] if first is None else [row_id.between(first, last)]


def unindexed(time: InstrumentedAttribute[datetime]) -> ColumnElement[datetime]:
    """Return a time that no database looks up in an index: the rows are found by their ids."""
    return func.coalesce(time, None)
