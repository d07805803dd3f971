"""Numbers over time for operators: logins, active users, failures, alerts.

They come from SQL through the time indexes, step by step. Hours and days are those of the zone
that operators read times in. The workers share one count through Redis, which one of them renews
before it is too old, so that no page waits for it; a step that is over is not counted again.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, Engine, case, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute, Session

from wxlogin.background_task import BackgroundTask
from wxlogin.clock import Clock, utc_now
from wxlogin.local_time import last_days, last_hours
from wxlogin.models import Alert, LoginRecord, SecurityEvent
from wxlogin.redisdb import keys
from wxlogin.watch.events import REFUSALS

FAILURES = frozenset(REFUSALS.values())
"""The kinds of events that are refusals of a call."""
FIGURES = ("logins", "active_users", "failures", "alerts")
# Not a condition: databases would rather read all of a kind, however old, than by time.
REFUSED = func.sum(case((SecurityEvent.kind.in_(FAILURES), SecurityEvent.count), else_=0))
USERS = func.count(LoginRecord.user_id.distinct())
SETTLED_SECONDS = 300
"""How long after its end a step still changes: rows are written late, and clocks differ."""
LOOK_SECONDS = 10
AHEAD = 0.6
"""The part of its life after which a count is renewed: with looks to spare before the end."""

logger = logging.getLogger(__name__)


class TimeRange(NamedTuple):
    """A range that ends now: a number of hours or days, and how their beginnings are found."""

    steps: int
    step_seconds: int
    """Of a step; a day on which the clocks change has an hour more or less."""
    begun: Callable[[int, tzinfo, datetime], list[datetime]]


HOURS = TimeRange(24, 3600, last_hours)
DAYS = TimeRange(30, 86_400, last_days)


class Point(BaseModel):
    """The counts of one step, which began at `at` (Unix seconds).

    `active_users` counts the users who logged in, `failures` the refused calls that are security
    events.
    """

    model_config = ConfigDict(frozen=True)

    at: int
    logins: int = 0
    active_users: int = 0
    failures: int = 0
    alerts: int = 0


class TimeSeries(BaseModel):
    """The points of a range, oldest first, and their total. The last step is still running.

    `total` counts a user once, however many steps they appear in. `counted_at` is the time of the
    queries (Unix seconds).
    """

    version: Literal[1] = 1
    counted_at: float
    points: tuple[Point, ...]
    total: Point


class Statistics:
    """Counts time series; each is a sixtieth of its step old at most: 1 minute or 24 minutes."""

    def __init__(
        self,
        current_session: Callable[[], Session],
        sql: Engine,
        redis: Redis,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        self._current_session = current_session
        self._sql = sql
        self._redis = redis
        self._clock = clock
        self._zone = zone
        self._task = BackgroundTask("statistics", self._look)

    def start(self) -> None:
        """Count ahead from now on, every few seconds; workers that start together take turns."""
        self._task.schedule(secrets.randbelow(LOOK_SECONDS))

    def count_ahead(self) -> None:
        """Count each range that a page would soon have to count, if no other worker has."""
        for over in (HOURS, DAYS):
            known = self._read(over)
            if known is None or self._age(known, over) >= AHEAD:
                with Session(self._sql) as session:
                    self._renew(session, over, known)

    def refused_by_app(self, since: datetime) -> dict[str, int]:
        """Return how many refused calls each mini-program had since a time, of events."""
        # Not the column: a database would rather read all events in the order of its index.
        app = func.coalesce(SecurityEvent.app, "").label("of_app")
        counted = select(app, REFUSED).group_by("of_app")
        rows = self._current_session().execute(counted.where(SecurityEvent.last_at >= since))
        return {app: int(count) for app, count in rows if app}

    def time_series(self, over: TimeRange) -> TimeSeries:
        """Return what happened in a range, whichever worker counted it."""
        known = self._read(over)
        if known is None or self._age(known, over) >= 1:
            return self._renew(self._current_session(), over, known)
        return known

    def _look(self) -> None:
        self._task.schedule(LOOK_SECONDS)
        try:
            self.count_ahead()
        except (RedisError, SQLAlchemyError) as fault:
            logger.warning("nothing is counted ahead: %s", type(fault).__name__)

    def _age(self, known: TimeSeries, over: TimeRange) -> float:
        """Return the part of its life that a count has behind it."""
        return (self._clock() - known.counted_at) / (over.step_seconds / 60)

    def _renew(self, session: Session, over: TimeRange, known: TimeSeries | None) -> TimeSeries:
        now, begun = self._clock(), over.begun(over.steps, self._zone, utc_now(self._clock))
        series = _count(session, begun, now, _settled(known, begun))
        session.commit()
        self._write(over, series)
        return series

    def _read(self, over: TimeRange) -> TimeSeries | None:
        """Return the latest count; None if there is none, or one that another version made."""
        stored = self._redis.get(_key(over))
        try:
            found = TimeSeries.model_validate_json(str(stored or ""))
        except ValidationError:
            return None
        return found if found.counted_at <= self._clock() else None

    def _write(self, over: TimeRange, series: TimeSeries) -> None:
        self._redis.set(_key(over), series.model_dump_json(), ex=over.steps * over.step_seconds)


def _key(over: TimeRange) -> str:
    return keys.statistics(over.steps, over.step_seconds)


def _settled(known: TimeSeries | None, begun: Sequence[datetime]) -> list[Point]:
    """Return the first points that need no new count, since their steps were long over by then."""
    if known is None:
        return []
    found = {point.at: point for point in known.points}
    settled: list[Point] = []
    for at, end in pairwise(begun):
        point = found.get(int(at.timestamp()))
        if point is None or end.timestamp() > known.counted_at - SETTLED_SECONDS:
            break
        settled.append(point)
    return settled


def _count(
    session: Session, begun: Sequence[datetime], now: float, settled: Sequence[Point]
) -> TimeSeries:
    """Count the steps that follow the settled ones, and the users of all."""
    open_steps = begun[len(settled) :]
    ends = [*open_steps[1:], None]
    points = [*settled, *(_point(session, *step) for step in zip(open_steps, ends, strict=True))]
    active = session.scalar(select(USERS).where(LoginRecord.at >= begun[0])) or 0
    return TimeSeries(counted_at=now, points=tuple(points), total=_total(points, active))


def _point(session: Session, start: datetime, end: datetime | None) -> Point:
    """Count one step by itself: no statement is long, however much a range holds."""
    logins = _within(session, LoginRecord.at, start, end, func.count(), USERS)
    failures = _within(session, SecurityEvent.last_at, start, end, REFUSED)
    alerts = _within(session, Alert.at, start, end, func.count())
    figures = zip(FIGURES, (*logins, *failures, *alerts), strict=True)
    return Point(at=int(start.timestamp()), **dict(figures))


def _within(
    session: Session,
    column: InstrumentedAttribute[datetime],
    start: datetime,
    end: datetime | None,
    *counts: ColumnElement[Any],
) -> list[int]:
    """Return counts of the rows from a time on, and before another if there is one."""
    before = [] if end is None else [column < end]
    row = session.execute(select(*counts).where(column >= start, *before)).one()
    return [int(count or 0) for count in row]


def _total(points: Sequence[Point], active_users: int) -> Point:
    return Point(
        at=points[0].at,
        logins=sum(point.logins for point in points),
        active_users=active_users,
        failures=sum(point.failures for point in points),
        alerts=sum(point.alerts for point in points),
    )
