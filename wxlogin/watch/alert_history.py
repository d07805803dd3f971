"""The alerts that were raised, for operators: open until somebody acknowledges them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from wxlogin.clock import Clock, utc_now
from wxlogin.database.counting import count_rows, in_order
from wxlogin.models import Alert

MOST_COUNTED = 100
"""Open alerts are counted up to this number."""


class AlertFilter(NamedTuple):
    """Which alerts a page has; None means any."""

    is_open: bool | None = None
    rule: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    oldest_first: bool = False


ALL_ALERTS = AlertFilter()


class AlertHistory:
    """Lists and acknowledges alerts."""

    def __init__(self, current_session: Callable[[], Session], clock: Clock) -> None:
        self._current_session = current_session
        self._clock = clock

    def page(
        self, limit: int, *, before: int | None = None, wanted: AlertFilter = ALL_ALERTS
    ) -> Sequence[Alert]:
        """Return up to `limit` alerts that the filter wants, in its order.

        `before` is the row id at which the previous page ended.
        """
        behind, order = in_order(Alert.id, before, oldest_first=wanted.oldest_first)
        query = select(Alert).where(*_conditions(wanted), *behind).order_by(order).limit(limit)
        return self._current_session().scalars(query).all()

    def count(self, wanted: AlertFilter = ALL_ALERTS) -> int:
        """Return how many alerts the filter wants, as `count_rows` counts."""
        return count_rows(self._current_session(), Alert.id, _conditions(wanted))

    def get(self, alert: int) -> Alert | None:
        """Return the alert of this id, or None."""
        return self._current_session().get(Alert, alert, populate_existing=True)

    def count_open(self) -> int:
        """Return how many alerts are open, `MOST_COUNTED` where there are more."""
        some = select(Alert.id).where(Alert.acknowledged_at.is_(None)).limit(MOST_COUNTED)
        count = select(func.count()).select_from(some.subquery())
        return self._current_session().scalar(count) or 0

    def acknowledge(self, alert: int, by: str, note: str | None) -> None:
        """Acknowledge an alert, unless somebody did before."""
        session = self._current_session()
        values = {"acknowledged_at": utc_now(self._clock), "acknowledged_by": by, "note": note}
        is_open = Alert.id == alert, Alert.acknowledged_at.is_(None)
        session.execute(update(Alert).where(*is_open).values(**values))
        session.commit()


def _conditions(wanted: AlertFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.is_open is not None:
        column = Alert.acknowledged_at
        found.append(column.is_(None) if wanted.is_open else column.is_not(None))
    if wanted.rule is not None:
        found.append(Alert.rule == wanted.rule)
    if wanted.since is not None:
        found.append(Alert.at >= wanted.since)
    if wanted.until is not None:
        found.append(Alert.at < wanted.until)
    return found
