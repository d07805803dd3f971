"""Claims of deliveries: each is made by one worker at a time.

A claim moves `next_at` ahead and writes a random lease; who reads the own lease back has the
delivery. Of a worker that dies, another takes it once that time is there. For one user and endpoint
only the oldest delivery that is still open can be claimed, so that they arrive in order.

On PostgreSQL a worker passes over what another is just claiming. The others cannot, or not in all
versions: there several workers may try for one delivery, and the first has it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection, Engine, Row, Select, func, select, update
from sqlalchemy.orm import aliased

from wxlogin.clock import Clock, utc_now
from wxlogin.models import WebhookDelivery

LEASE = timedelta(seconds=60)
"""More than a request can take."""
CANDIDATES = 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Earlier than any time: an index finds what is later on all systems, `IS NOT NULL` on some."""

Claimed = TypeVar("Claimed")
Due = Callable[[datetime], Select[int, int]]
"""Selects the ids and attempts of what is due at a time."""
Read = Callable[[Connection, int, str], Claimed | None]

_random = secrets.SystemRandom()


class Claims:
    """Claims what is due. No lock outlasts the claim: a request may take ten seconds."""

    def __init__(self, sql: Engine, clock: Clock) -> None:
        self._sql = sql
        self._clock = clock
        self._skips_locked = sql.dialect.name == "postgresql"

    def next(self, due: Due, read: Read[Claimed]) -> Claimed | None:
        """Claim one of the deliveries that `due` selects; None if there is none.

        `read` reads a delivery by its id, and nothing unless it has the lease.
        """
        return self._unlocked(due, read) if self._skips_locked else self._contested(due, read)

    def _unlocked(self, due: Due, read: Read[Claimed]) -> Claimed | None:
        while True:
            now = utc_now(self._clock)
            first = due(now).limit(1).with_for_update(skip_locked=True, of=WebhookDelivery)
            with self._sql.begin() as connection:
                row = connection.execute(first).first()
                if row is None:
                    return None
                if claimed := read(connection, row.id, _take(connection, row, now)):
                    return claimed

    def _contested(self, due: Due, read: Read[Claimed]) -> Claimed | None:
        while True:
            now = utc_now(self._clock)
            with self._sql.begin() as connection:
                found = list(connection.execute(due(now)))
            if not found:
                return None
            # Several workers look at the same ones: each begins elsewhere.
            _random.shuffle(found)
            for row in found:
                with self._sql.begin() as connection:
                    lease = _take(connection, row, now)
                    if claimed := read(connection, row.id, lease):
                        return claimed


def open_deliveries(endpoint_id: int, now: datetime) -> Select[int, int]:
    """Select the deliveries to an endpoint that are due, the oldest of each user."""
    delivery, waiting = WebhookDelivery, aliased(WebhookDelivery)
    # One look into an index for each, whatever a system believes of the table: joins were slower.
    oldest = (
        select(func.min(waiting.id))
        .where(waiting.endpoint_id == endpoint_id, waiting.user == delivery.user)
        .where(waiting.next_at > EPOCH)
        .correlate(delivery)
        .scalar_subquery()
    )
    return (
        select(delivery.id, delivery.attempts)
        .where(delivery.endpoint_id == endpoint_id, delivery.next_at <= now)
        .where(func.coalesce(oldest, delivery.id) == delivery.id)
        .order_by(delivery.next_at)
        .limit(CANDIDATES)
    )


def _take(connection: Connection, row: Row[int, int], now: datetime) -> str:
    """Write a lease, unless another worker was faster, and return it."""
    lease = secrets.token_urlsafe(16)
    unclaimed = WebhookDelivery.attempts == row.attempts, WebhookDelivery.next_at <= now
    columns = {
        "lease": lease,
        "attempts": row.attempts + 1,
        "next_at": now + LEASE,
        "attempted_at": now,
    }
    connection.execute(
        update(WebhookDelivery).where(WebhookDelivery.id == row.id, *unclaimed).values(**columns)
    )
    return lease
