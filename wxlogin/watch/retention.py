"""Retention: removes old events, logins, ends of sessions and alerts, batch by batch.

Each batch is a transaction of its own, so that a purge can be stopped at any time and run again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, delete, func, select

from wxlogin.models import (
    Alert,
    LoginRecord,
    SecurityEvent,
    SessionEnd,
    WebhookDelivery,
    WebhookEvent,
)

BATCH = 1_000
"""Rows that are locked at once: few enough that no login waits for them."""


class Progress(NamedTuple):
    """The rows of one kind removed so far, and the rows of all kinds: done and in total."""

    row: str
    removed: int
    done: int
    total: int


def purge(sql: Engine, before: datetime) -> Iterator[Progress]:
    """Remove older rows and yield the progress after each batch, at least once per table."""
    total = sum(_count(sql, old) for _, _, old in _old(before))
    done = 0
    for name, model, old in _old(before):
        removed = 0
        yield Progress(name, removed, done, total)
        while batch := _remove(sql, model, old):
            removed, done = removed + batch, done + batch
            yield Progress(name, removed, done, max(done, total))


Table = (
    type[SecurityEvent]
    | type[LoginRecord]
    | type[SessionEnd]
    | type[Alert]
    | type[WebhookDelivery]
    | type[WebhookEvent]
)


def _old(before: datetime) -> tuple[tuple[str, Table, ColumnElement[bool]], ...]:
    """Return the word for a row, the table and the condition of each kind.

    Alerts and webhooks that still wait are removed too: nobody took them for so long.
    """
    return (
        ("event", SecurityEvent, SecurityEvent.last_at < before),
        ("login", LoginRecord, LoginRecord.at < before),
        ("session end", SessionEnd, SessionEnd.at < before),
        ("alert", Alert, Alert.at < before),
        ("webhook message", WebhookDelivery, WebhookDelivery.at < before),
        ("webhook event", WebhookEvent, WebhookEvent.at < before),
    )


def _count(sql: Engine, old: ColumnElement[bool]) -> int:
    with sql.connect() as connection:
        return connection.scalar(select(func.count()).where(old)) or 0


def _remove(sql: Engine, model: Table, old: ColumnElement[bool]) -> int:
    with sql.begin() as connection:
        ids = connection.scalars(select(model.id).where(old).limit(BATCH)).all()
        connection.execute(delete(model).where(model.id.in_(ids)))
    return len(ids)
