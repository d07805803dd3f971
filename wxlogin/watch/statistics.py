"""Numbers over time for operators: logins, active users, failures, alerts.

They come from SQL through the time indexes, with one query per table. Hours and days are those of
the zone that operators read times in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from wxlogin.clock import Clock, utc_now
from wxlogin.local_time import last_days, last_hours
from wxlogin.models import Alert, LoginRecord, SecurityEvent
from wxlogin.watch.events import REFUSALS

FAILURES = frozenset(REFUSALS.values())
"""The kinds of events that are refusals of a call."""


class TimeRange(NamedTuple):
    """A range that ends now: a number of hours or days, and how their beginnings are found."""

    steps: int
    step_seconds: int
    """Of a step; a day on which the clocks change has an hour more or less."""
    begun: Callable[[int, tzinfo, datetime], list[datetime]]


HOURS = TimeRange(24, 3600, last_hours)
DAYS = TimeRange(30, 86_400, last_days)


@dataclass(frozen=True)
class Point:
    """The counts of one step, which began at `at` (Unix seconds).

    `active_users` counts the users who logged in, `failures` the refused calls that are security
    events.
    """

    at: int
    logins: int = 0
    active_users: int = 0
    failures: int = 0
    alerts: int = 0


@dataclass(frozen=True)
class TimeSeries:
    """The points of a range, oldest first, and their total. The last step is still running.

    `total` counts a user once, however many steps they appear in. `counted_at` is the time of the
    queries (Unix seconds).
    """

    counted_at: float
    points: tuple[Point, ...]
    total: Point


class Statistics:
    """Counts time series, and caches each for a sixtieth of its step: 1 minute or 24 minutes."""

    def __init__(self, current_session: Callable[[], Session], clock: Clock, zone: tzinfo) -> None:
        self._current_session = current_session
        self._clock = clock
        self._zone = zone
        self._cache: dict[TimeRange, TimeSeries] = {}

    def refused_by_app(self, since: datetime) -> dict[str, int]:
        """Return how many refused calls each mini-program had since a time, of events."""
        refused = case((SecurityEvent.kind.in_(FAILURES), SecurityEvent.count), else_=0)
        # Not the column: a database would rather read all events in the order of its index.
        app = func.coalesce(SecurityEvent.app, "").label("of_app")
        counted = select(app, func.sum(refused)).group_by("of_app")
        rows = self._current_session().execute(counted.where(SecurityEvent.last_at >= since))
        return {app: int(count) for app, count in rows if app}

    def time_series(self, over: TimeRange) -> TimeSeries:
        """Return what happened in a range."""
        cached, now = self._cache.get(over), self._clock()
        if cached is None or not 0 <= now - cached.counted_at < over.step_seconds / 60:
            begun = over.begun(over.steps, self._zone, utc_now(self._clock))
            cached = self._cache[over] = _count(self._current_session(), begun, now)
        return cached


def _count(session: Session, begun: Sequence[datetime], now: float) -> TimeSeries:
    users = func.count(LoginRecord.user_id.distinct())
    # Not a condition: databases would rather read all of a kind, however old, than by time.
    refused = case((SecurityEvent.kind.in_(FAILURES), SecurityEvent.count), else_=0)
    logins = _by_step(session, begun, LoginRecord.at, [func.count(), users])
    failures = _by_step(session, begun, SecurityEvent.last_at, [func.sum(refused)])
    alerts = _by_step(session, begun, Alert.at, [func.count()])
    points = []
    for step, at in enumerate(begun):
        counts = (*logins.get(step, (0, 0)), *failures.get(step, (0,)), *alerts.get(step, (0,)))
        points.append(Point(int(at.timestamp()), *map(int, counts)))
    active = session.scalar(select(users).where(LoginRecord.at >= begun[0])) or 0
    return TimeSeries(now, tuple(points), _total(points, active))


def _by_step(
    session: Session,
    begun: Sequence[datetime],
    column: InstrumentedAttribute[datetime],
    counts: Sequence[ColumnElement[Any]],
) -> dict[int, Sequence[Any]]:
    """Return counts by the place of their step in `begun`; a step without rows is missing."""
    ends = [(column < end, place) for place, end in enumerate(begun[1:])]
    step = case(*ends, else_=len(ends)).label("step")
    query = select(step, *counts).where(column >= begun[0]).group_by("step")
    rows: Sequence[Row[Any]] = session.execute(query).all()
    return {row[0]: row[1:] for row in rows}


def _total(points: Sequence[Point], active_users: int) -> Point:
    return Point(
        at=points[0].at,
        logins=sum(point.logins for point in points),
        active_users=active_users,
        failures=sum(point.failures for point in points),
        alerts=sum(point.alerts for point in points),
    )
