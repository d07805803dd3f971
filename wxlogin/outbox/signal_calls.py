"""Calls the receivers of signals, one event after another.

An event for them waits in a delivery of its own, as for an endpoint: what a receiver takes its time
for holds back no webhook, and what a killed worker had in hand another takes.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, Select, delete, exists, select

from wxlogin.clock import Clock
from wxlogin.models import WebhookDelivery, WebhookEvent
from wxlogin.outbox import signals
from wxlogin.outbox.claims import Claims, open_deliveries
from wxlogin.outbox.erased import blank_delivered, lock_erased
from wxlogin.outbox.event_types import EventType


class Called(NamedTuple):
    """An event whose receivers this worker may call."""

    delivery_id: int
    event_id: int
    type: str
    body: str


class SignalCalls:
    """The deliveries to the receivers of this process."""

    def __init__(self, sql: Engine, clock: Clock) -> None:
        self._sql = sql
        self._claims = Claims(sql, clock)

    def call_next(self) -> bool:
        """Call the receivers of an event that is due; return whether there was one."""
        heard = signals.subscription().events
        called = self._claims.next(lambda now: _due(heard, now), _read_claim) if heard else None
        if called is None:
            return False
        signals.announce(called.type, json.loads(called.body))
        self._finish(called)
        return True

    def _finish(self, called: Called) -> None:
        """Delete the delivery, and its event unless an endpoint has it too.

        That holds although another worker may have claimed it since: the receivers were called.
        """
        event = WebhookEvent.id == called.event_id
        delivered = exists().where(WebhookDelivery.event_id == WebhookEvent.id)
        erased = [called.event_id] if called.type == EventType.USER_ERASED else []
        with self._sql.begin() as connection:
            lock_erased(connection, erased)
            own = WebhookDelivery.id == called.delivery_id
            connection.execute(delete(WebhookDelivery).where(own))
            connection.execute(delete(WebhookEvent).where(event, ~delivered))
            blank_delivered(connection, erased)


def _due(types: frozenset[str], now: datetime) -> Select[int, int]:
    return (
        open_deliveries(signals.SIGNALS, now)
        .join(WebhookEvent, WebhookEvent.id == WebhookDelivery.event_id)
        .where(WebhookEvent.type.in_(types))
    )


def _read_claim(connection: Connection, delivery_id: int, lease: str) -> Called | None:
    found = connection.execute(
        select(WebhookDelivery.id, WebhookEvent.id, WebhookEvent.type, WebhookEvent.body)
        .join(WebhookEvent, WebhookEvent.id == WebhookDelivery.event_id)
        .where(WebhookDelivery.id == delivery_id, WebhookDelivery.lease == lease)
    ).first()
    return Called(*found) if found else None
