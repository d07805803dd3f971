"""Deliveries to endpoints: claimed by one worker at a time, and written down as they ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection, Engine, Select, select, update

from wxlogin.clock import Clock, utc_now
from wxlogin.database import lock_rows
from wxlogin.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from wxlogin.outbox.claims import Claims, open_deliveries
from wxlogin.outbox.erased import blank_delivered, lock_erased
from wxlogin.outbox.event_types import EventType
from wxlogin.outbox.retries import PAUSE_AFTER, next_attempt


@dataclass(frozen=True)
class Claimed:
    """A delivery that this worker may send, and its endpoint; the secrets are sealed."""

    id: int
    lease: str
    attempts: int
    began_at: datetime
    event_id: int
    type: str
    message_id: str
    body: str = field(repr=False)
    endpoint_id: int
    endpoint: str
    url: str = field(repr=False)
    secret_sealed: str = field(repr=False)
    previous_sealed: str | None = field(repr=False)
    previous_until: datetime | None
    failing_since: datetime | None


class Outcome(NamedTuple):
    """How an attempt ended: the status of the answer, if there was one, and what went wrong."""

    status_code: int | None
    fault: str


class Deliveries:
    """The deliveries of all endpoints, for the dispatcher."""

    def __init__(self, sql: Engine, clock: Clock) -> None:
        self._sql = sql
        self._clock = clock
        self._claims = Claims(sql, clock)

    def claim_next(self, endpoint_id: int) -> Claimed | None:
        """Claim a delivery of an enabled endpoint that is due; None if there is none."""
        return self._claims.next(partial(due, endpoint_id), read_claim)

    def finish(self, claimed: Claimed, outcome: Outcome, *, last: bool = False) -> bool:
        """Write how the attempt ended; `last` allows no other. Return whether the endpoint paused.

        The delivery is left as it is if the lease is another's by now.
        """
        now = utc_now(self._clock)
        accepted = not outcome.fault
        at = None if accepted or last else next_attempt(claimed.attempts, claimed.began_at, now)
        columns = {
            "next_at": at,
            "lease": None,
            "status_code": outcome.status_code,
            "fault": outcome.fault or None,
            "delivered_at": now if accepted else None,
        }
        own = WebhookDelivery.id == claimed.id, WebhookDelivery.lease == claimed.lease
        with self._sql.begin() as connection:
            # The type first: other deliveries need no further statement.
            erased = [claimed.event_id] if claimed.type == EventType.USER_ERASED else []
            lock_erased(connection, erased)
            connection.execute(update(WebhookDelivery).where(*own).values(**columns))
            blank_delivered(connection, erased)
            return not last and _note_health(connection, claimed, now, accepted=accepted)


def read_claim(connection: Connection, delivery_id: int, lease: str) -> Claimed | None:
    """Return the delivery if it has this lease, else None."""
    delivery, event, endpoint = WebhookDelivery, WebhookEvent, WebhookEndpoint
    found = connection.execute(
        select(
            delivery.id,
            delivery.lease,
            delivery.attempts,
            delivery.began_at,
            event.id.label("event_id"),
            event.type,
            event.public_id.label("message_id"),
            event.body,
            endpoint.id.label("endpoint_id"),
            endpoint.public_id.label("endpoint"),
            endpoint.url,
            endpoint.secret_sealed,
            endpoint.previous_sealed,
            endpoint.previous_until,
            endpoint.failing_since,
        )
        .join(event, event.id == delivery.event_id)
        .join(endpoint, endpoint.id == delivery.endpoint_id)
        .where(delivery.id == delivery_id, delivery.lease == lease)
    ).first()
    return Claimed(**found._mapping) if found else None


def due(endpoint_id: int, now: datetime) -> Select[int, int]:
    """Select the deliveries that an endpoint, if it is enabled, should get now."""
    return (
        open_deliveries(endpoint_id, now)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(WebhookEndpoint.enabled)
    )


def _note_health(
    connection: Connection, claimed: Claimed, now: datetime, *, accepted: bool
) -> bool:
    """Note since when the endpoint fails; pause it if that is too long, and return that."""
    own, since = WebhookEndpoint.id == claimed.endpoint_id, claimed.failing_since
    if accepted:
        if since:
            connection.execute(update(WebhookEndpoint).where(own).values(failing_since=None))
        return False
    if since is None:
        began = update(WebhookEndpoint).where(own, WebhookEndpoint.failing_since.is_(None))
        connection.execute(began.values(failing_since=now))
        return False
    if now - since < PAUSE_AFTER:
        return False
    # Another lane may have succeeded since the claim, or have paused it.
    unchanged = own, WebhookEndpoint.enabled.is_(True), WebhookEndpoint.failing_since == since
    lock_rows(connection, WebhookEndpoint, *unchanged)
    if connection.scalar(select(WebhookEndpoint.id).where(*unchanged)) is None:
        return False
    paused = update(WebhookEndpoint).where(own)
    connection.execute(paused.values(enabled=False, paused_at=now))
    return True
