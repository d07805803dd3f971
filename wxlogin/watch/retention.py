"""Retention: old events, logins and alerts are removed, batch by batch.

Each batch is a transaction of its own, so that the work may be stopped at any time and begun again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, delete, func, select

from wxlogin.models import Alert, LoginRecord, SecurityEvent

BATCH = 1_000
"""Rows that are locked at once; a login waits for none of them."""


class Purged(NamedTuple):
    """How far it has come: rows removed of this table so far, and of all, out of so many."""

    table: str
    removed: int
    done: int
    total: int


def purge(sql: Engine, before: datetime) -> Iterator[Purged]:
    """Remove what is older, and tell after every batch; each table is told of at least once."""
    counts = [_count(sql, old) for _, _, old in _old(before)]
    done = 0
    for name, model, old in _old(before):
        removed = 0
        yield Purged(name, removed, done, sum(counts))
        while batch := _remove(sql, model, old):
            removed, done = removed + batch, done + batch
            yield Purged(name, removed, done, max(done, sum(counts)))


Table = type[SecurityEvent] | type[LoginRecord] | type[Alert]


def _old(before: datetime) -> tuple[tuple[str, Table, ColumnElement[bool]], ...]:
    """What is old, by the name it is told of by.

    Alerts too whose next post is still due: those of a webhook or a rule that is no more.
    """
    return (
        ("events", SecurityEvent, SecurityEvent.last_at < before),
        ("logins", LoginRecord, LoginRecord.at < before),
        ("alerts", Alert, Alert.at < before),
    )


def _count(sql: Engine, old: ColumnElement[bool]) -> int:
    with sql.connect() as connection:
        return connection.scalar(select(func.count()).where(old)) or 0


def _remove(sql: Engine, model: Table, old: ColumnElement[bool]) -> int:
    with sql.begin() as connection:
        ids = connection.scalars(select(model.id).where(old).limit(BATCH)).all()
        connection.execute(delete(model).where(model.id.in_(ids)))
    return len(ids)
