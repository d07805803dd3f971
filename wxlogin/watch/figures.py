"""Numbers over time for operators: logins, active users, failures, alerts.

Taken from SQL by the indexes of time, one query a table. Hours and days are UTC's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, String, case, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute

from wxlogin.clock import Clock
from wxlogin.extensions import db
from wxlogin.models import Alert, LoginRecord, SecurityEvent
from wxlogin.watch.events import REFUSALS

FAILURES = frozenset(REFUSALS.values())
"""The events that are refusals of a call."""


class Span(NamedTuple):
    """A time that ends at this moment: so many steps of so many seconds."""

    steps: int
    seconds: int
    letters: int
    """How much of `2026-11-22 19:31` names a step."""


HOURS = Span(24, 3600, 13)
DAYS = Span(30, 86_400, 10)


@dataclass(frozen=True)
class Point:
    """What happened in one step, which began at this time (Unix seconds).

    `active_users` are those that logged in; `failures` the refused calls that are security events.
    """

    at: int
    logins: int = 0
    active_users: int = 0
    failures: int = 0
    alerts: int = 0


@dataclass(frozen=True)
class Course:
    """The points of a span, oldest first, the last one unfinished, and what they come to.

    `total` counts a user of several steps once. `counted` is when all this was asked of SQL.
    """

    counted: float
    points: tuple[Point, ...]
    total: Point


class Figures:
    """Counts courses, and remembers each for a sixtieth of its step: a minute, 24 minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[Span, Course] = {}

    def course(self, span: Span) -> Course:
        """What happened over a span."""
        kept, now = self._kept.get(span), self._clock()
        if kept is None or not 0 <= now - kept.counted < span.seconds / 60:
            kept = self._kept[span] = _counted(span, now)
        return kept


def _counted(span: Span, now: float) -> Course:
    last = int(now) // span.seconds * span.seconds
    first = last - (span.steps - 1) * span.seconds
    since = datetime.fromtimestamp(first, UTC)
    users = func.count(LoginRecord.user_id.distinct())
    # Not a condition: databases would rather read all of a kind, however old, than by time.
    refused = case((SecurityEvent.kind.in_(FAILURES), SecurityEvent.count), else_=0)
    logins = _by_step(span, since, LoginRecord.at, [func.count(), users])
    failures = _by_step(span, since, SecurityEvent.last_at, [func.sum(refused)])
    alerts = _by_step(span, since, Alert.at, [func.count()])
    points = []
    for at in range(first, last + 1, span.seconds):
        step = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H}"[: span.letters]
        counts = (*logins.get(step, (0, 0)), *failures.get(step, (0,)), *alerts.get(step, (0,)))
        points.append(Point(at, *map(int, counts)))
    active = db.session.scalar(select(users).where(LoginRecord.at >= since)) or 0
    return Course(now, tuple(points), _total(first, points, active))


def _by_step(
    span: Span,
    since: datetime,
    column: InstrumentedAttribute[datetime],
    counts: Sequence[ColumnElement[Any]],
) -> dict[str, Sequence[Any]]:
    """Counts by the steps in which there is anything to count."""
    step = func.substr(cast(column, String), 1, span.letters).label("step")
    wanted = select(step, *counts).where(column >= since).group_by("step")
    rows: Sequence[Row[Any]] = db.session.execute(wanted).all()
    return {row[0]: row[1:] for row in rows}


def _total(first: int, points: Sequence[Point], active_users: int) -> Point:
    return Point(
        at=first,
        logins=sum(point.logins for point in points),
        active_users=active_users,
        failures=sum(point.failures for point in points),
        alerts=sum(point.alerts for point in points),
    )
