"""The table of security events, written in batches: one row per bucket, shared by all workers."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, Insert, Table, select
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from wxlogin.accounts.erasure import forget_in_events
from wxlogin.database.counting import count_rows, in_order
from wxlogin.models import SecurityEvent
from wxlogin.watch.erased import erased_among
from wxlogin.watch.events import Event, Kind
from wxlogin.watch.time_range import id_bounds, unindexed

BATCH = 200
SUBJECT_LENGTH = 64
APP_LENGTH = 32
KEY_COLUMNS = ("kind", "subject", "minute")
LONGEST_ROW = timedelta(minutes=2)
"""A row's events are of one minute; clocks of two workers differ a little."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events a page has; None means any.

    `address` is a whole one, or as events show it.

    `since` and `until` bound the time of a row's events: one that reaches into the range counts.
    """

    kinds: Collection[Kind] | None = None
    subject: str | None = None
    user: str | None = None
    app: str | None = None
    address: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    oldest_first: bool = False


ALL_EVENTS = EventFilter()


@dataclass(slots=True)
class EventBucket:
    """Events of one kind, subject and minute, with the details of the first.

    `address` is formatted for display. Times are Unix seconds.
    """

    kind: Kind
    subject: str
    minute: int
    first: Event
    address: str
    count: int
    first_at: float
    last_at: float

    def merge(self, other: EventBucket) -> None:
        """Add another bucket of the same kind, subject and minute."""
        self.count += other.count
        self.first_at = min(self.first_at, other.first_at)
        self.last_at = max(self.last_at, other.last_at)


class EventLog:
    """Writes event buckets to `security_event`."""

    def __init__(
        self,
        sql: Engine,
        current_session: Callable[[], Session],
        displayed: Callable[[str], str],
    ) -> None:
        """Take `displayed`: it returns an address as events show it, empty for another text."""
        self._sql = sql
        self._current_session = current_session
        self._displayed = displayed
        self._upsert = _upsert(sql.dialect.name)

    def write(self, buckets: Sequence[EventBucket]) -> None:
        """Write all buckets or none; SQLAlchemyError if the database fails.

        The count of a row that exists already is increased. Of users who were erased since nothing
        is written.
        """
        users = {bucket.first.user for bucket in buckets}
        with self._sql.begin() as connection:
            erased = erased_among(connection, users)
            kept = [_row(bucket, erased) for bucket in buckets if bucket.subject not in erased]
            # In one order in every worker: two that lock the same rows must not deadlock.
            rows = sorted(kept, key=lambda row: [row[name] for name in KEY_COLUMNS])
            for start in range(0, len(rows), BATCH):
                connection.execute(self._upsert, rows[start : start + BATCH])
        self._forget_erased(users - erased)

    def _forget_erased(self, users: Collection[str]) -> None:
        """Forget those who were erased meanwhile: their erasure has not seen what was written."""
        if not any(users):
            return
        try:
            with self._sql.begin() as connection:
                for user in erased_among(connection, users):
                    forget_in_events(connection, user)
        except SQLAlchemyError as fault:
            logger.warning("erased users are not looked for: %s", type(fault).__name__)

    def page(
        self,
        limit: int | None = None,
        *,
        before: int | None = None,
        wanted: EventFilter = ALL_EVENTS,
    ) -> Sequence[SecurityEvent]:
        """Return up to `limit` events that the filter wants, in its order.

        `before` is the row id at which the previous page ended.
        """
        behind, order = in_order(SecurityEvent.id, before, oldest_first=wanted.oldest_first)
        query = select(SecurityEvent).where(*self._conditions(wanted), *behind)
        query = query.order_by(order).limit(limit)
        return self._current_session().scalars(query).all()

    def count(self, wanted: EventFilter = ALL_EVENTS) -> int:
        """Return how many events the filter wants, as `count_rows` counts."""
        return count_rows(self._current_session(), SecurityEvent.id, self._conditions(wanted))

    def _conditions(self, wanted: EventFilter) -> list[ColumnElement[bool]]:
        address = wanted.address and (self._displayed(wanted.address) or wanted.address)
        equal = (
            (SecurityEvent.subject, wanted.subject),
            (SecurityEvent.user, wanted.user),
            (SecurityEvent.app, wanted.app),
            (SecurityEvent.address, address),
        )
        found = [column == value for column, value in equal if value is not None]
        kinds = wanted.kinds
        if kinds is None and wanted.subject is not None:
            kinds = list(Kind)  # the index that finds a subject begins with the kind
        if kinds is not None:
            found.append(SecurityEvent.kind.in_([kind.value for kind in kinds]))
        return found + self._times(wanted)

    def _times(self, wanted: EventFilter) -> list[ColumnElement[bool]]:
        since, until = wanted.since, wanted.until
        row_id, last_at = SecurityEvent.id, SecurityEvent.last_at
        latest = until and until + LONGEST_ROW
        if wanted.subject is not None:  # the index that finds a subject has its minutes in order
            found = _minutes(since and since - LONGEST_ROW, latest)
        else:
            found = id_bounds(self._current_session(), row_id, last_at, since, latest)
        if since is not None:
            by_time = until is None and wanted.subject is None
            found.append((last_at if by_time else unindexed(last_at)) >= since)
        if until is not None:
            found.append(SecurityEvent.first_at < until)
        return found


def _minutes(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    """Return conditions on the minute that every row of a range meets."""
    found: list[ColumnElement[bool]] = []
    if since is not None:
        found.append(SecurityEvent.minute >= int(since.timestamp()) // 60)
    if until is not None:
        found.append(SecurityEvent.minute <= int(until.timestamp()) // 60)
    return found


def _row(bucket: EventBucket, erased: Collection[str]) -> dict[str, Any]:
    user = bucket.first.user
    return {
        "kind": bucket.kind.value,
        "subject": bucket.subject[:SUBJECT_LENGTH],
        "minute": bucket.minute,
        "user": None if user in erased else user or None,
        "app": bucket.first.app[:APP_LENGTH],
        "address": bucket.address,
        "request_id": bucket.first.request_id,
        "count": bucket.count,
        "first_at": datetime.fromtimestamp(bucket.first_at, UTC),
        "last_at": datetime.fromtimestamp(bucket.last_at, UTC),
        "detail": json.dumps(bucket.first.detail()),
    }


def _upsert(dialect: str) -> Insert:
    table = SecurityEvent.__table__
    assert isinstance(table, Table)
    if dialect in ("mysql", "mariadb"):
        into = mysql.insert(table)
        new = into.inserted
        return into.on_duplicate_key_update(count=table.c.count + new["count"], last_at=new.last_at)
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(table)
    increased = {
        "count": table.c.count + statement.excluded["count"],
        "last_at": statement.excluded.last_at,
    }
    return statement.on_conflict_do_update(index_elements=KEY_COLUMNS, set_=increased)
