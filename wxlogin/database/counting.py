"""Lists for people: rows counted exactly while there are few, and read in either order."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, UnaryExpression, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

MOST_COUNTED = 10_000
"""Rows are counted up to this number; one more says that there are more."""


def count_rows(
    session: Session, row_id: InstrumentedAttribute[int], conditions: Sequence[ColumnElement[bool]]
) -> int:
    """Return how many rows meet the conditions, `MOST_COUNTED + 1` where there are more."""
    some = select(row_id).where(*conditions).limit(MOST_COUNTED + 1)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def in_order(
    row_id: InstrumentedAttribute[int], behind: int | None, *, oldest_first: bool
) -> tuple[list[ColumnElement[bool]], UnaryExpression[int]]:
    """Return the condition of what stands behind a row id, if there is one, and the order."""
    order = row_id.asc() if oldest_first else row_id.desc()
    if behind is None:
        return [], order
    return [row_id > behind if oldest_first else row_id < behind], order
