"""Expressions for updates of times and versions, which the database computes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, case, func
from sqlalchemy.orm import InstrumentedAttribute

OptionalInteger = InstrumentedAttribute[int | None]
UNSYNCHRONIZED = {"synchronize_session": False}
"""For updates by an expression; the objects in the session are not read afterwards."""


def latest(column: OptionalInteger, now: int) -> ColumnElement[Any]:
    """Return the stored time, or `now` if that is later: clocks of hosts differ."""
    return case((column > now, column), else_=now)


def next_version(column: OptionalInteger) -> ColumnElement[Any]:
    """Return the stored version and one more; the first is 1."""
    return func.coalesce(column, 0) + 1
