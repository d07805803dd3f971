"""Numbers over time for operators: logins, active users, failures, alerts.

They come from SQL through the time indexes, with one query per table. Hours and days are in UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, String, case, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from wxlogin.clock import Clock
from wxlogin.models import Alert, LoginRecord, SecurityEvent
from wxlogin.watch.events import REFUSALS

FAILURES = frozenset(REFUSALS.values())
"""The kinds of events that are refusals of a call."""


class TimeRange(NamedTuple):
    """A range that ends now: a number of steps of equal length."""

    steps: int
    step_seconds: int
    prefix_length: int
    """How many characters of `2026-11-22 19:31` identify a step."""


HOURS = TimeRange(24, 3600, 13)
DAYS = TimeRange(30, 86_400, 10)


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

    def __init__(self, current_session: Callable[[], Session], clock: Clock) -> None:
        self._current_session = current_session
        self._clock = clock
        self._cache: dict[TimeRange, TimeSeries] = {}

    def time_series(self, over: TimeRange) -> TimeSeries:
        """Return what happened in a range."""
        cached, now = self._cache.get(over), self._clock()
        if cached is None or not 0 <= now - cached.counted_at < over.step_seconds / 60:
            cached = self._cache[over] = _count(self._current_session(), over, now)
        return cached


def _count(session: Session, over: TimeRange, now: float) -> TimeSeries:
    last = int(now) // over.step_seconds * over.step_seconds
    first = last - (over.steps - 1) * over.step_seconds
    since = datetime.fromtimestamp(first, UTC)
    users = func.count(LoginRecord.user_id.distinct())
    # Not a condition: databases would rather read all of a kind, however old, than by time.
    refused = case((SecurityEvent.kind.in_(FAILURES), SecurityEvent.count), else_=0)
    logins = _by_step(session, over, since, LoginRecord.at, [func.count(), users])
    failures = _by_step(session, over, since, SecurityEvent.last_at, [func.sum(refused)])
    alerts = _by_step(session, over, since, Alert.at, [func.count()])
    points = []
    for at in range(first, last + 1, over.step_seconds):
        step = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H}"[: over.prefix_length]
        counts = (*logins.get(step, (0, 0)), *failures.get(step, (0,)), *alerts.get(step, (0,)))
        points.append(Point(at, *map(int, counts)))
    active = session.scalar(select(users).where(LoginRecord.at >= since)) or 0
    return TimeSeries(now, tuple(points), _total(first, points, active))


def _by_step(
    session: Session,
    over: TimeRange,
    since: datetime,
    column: InstrumentedAttribute[datetime],
    counts: Sequence[ColumnElement[Any]],
) -> dict[str, Sequence[Any]]:
    """Return counts by step; a step without rows is missing."""
    step = func.substr(cast(column, String), 1, over.prefix_length).label("step")
    query = select(step, *counts).where(column >= since).group_by("step")
    rows: Sequence[Row[Any]] = session.execute(query).all()
    return {row[0]: row[1:] for row in rows}


def _total(first: int, points: Sequence[Point], active_users: int) -> Point:
    return Point(
        at=first,
        logins=sum(point.logins for point in points),
        active_users=active_users,
        failures=sum(point.failures for point in points),
        alerts=sum(point.alerts for point in points),
    )
