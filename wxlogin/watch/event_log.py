"""The table of security events: written in batches, the same fold of several workers in one row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, Insert, Table
from sqlalchemy.dialects import mysql, postgresql, sqlite

from wxlogin.models import SecurityEvent
from wxlogin.watch.events import Event, Kind

BATCH = 200
SUBJECT = 64
IDS = ("kind", "subject", "minute")


@dataclass(slots=True)
class Fold:
    """Events of one kind, subject and minute; the first of them stands for all.

    `address` is as it may be shown. Times are Unix seconds.
    """

    kind: Kind
    subject: str
    minute: int
    first: Event
    address: str
    count: int
    first_at: float
    last_at: float

    def add(self, other: Fold) -> None:
        """Take another fold of the same kind, subject and minute in."""
        self.count += other.count
        self.first_at = min(self.first_at, other.first_at)
        self.last_at = max(self.last_at, other.last_at)


class EventLog:
    """Writes folds into `security_event`."""

    def __init__(self, sql: Engine) -> None:
        self._sql = sql
        self._upsert = _upsert(sql.dialect.name)

    def write(self, folds: Sequence[Fold]) -> None:
        """Write them all or none; faults of the database pass through.

        A row that another worker made grows by the count.
        """
        # In one order everywhere: two workers that lock the same rows must not wait for each other.
        rows = sorted(map(_row, folds), key=lambda row: [row[name] for name in IDS])
        with self._sql.begin() as connection:
            for start in range(0, len(rows), BATCH):
                connection.execute(self._upsert, rows[start : start + BATCH])


def _row(fold: Fold) -> dict[str, Any]:
    return {
        "kind": fold.kind.value,
        "subject": fold.subject[:SUBJECT],
        "minute": fold.minute,
        "user": fold.first.user or None,
        "address": fold.address,
        "request_id": fold.first.request_id,
        "count": fold.count,
        "first_at": datetime.fromtimestamp(fold.first_at, UTC),
        "last_at": datetime.fromtimestamp(fold.last_at, UTC),
        "detail": json.dumps(fold.first.detail()),
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
    grown = {
        "count": table.c.count + statement.excluded["count"],
        "last_at": statement.excluded.last_at,
    }
    return statement.on_conflict_do_update(index_elements=IDS, set_=grown)
