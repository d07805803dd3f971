"""What became of deliveries, for operators: lists, replays, tests."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.orm import Session

from wxlogin.clock import Clock, milliseconds, utc_now
from wxlogin.database.counting import count_rows, in_order
from wxlogin.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from wxlogin.models.webhook_delivery import State
from wxlogin.outbox.claims import LEASE
from wxlogin.outbox.deliveries import read_claim
from wxlogin.outbox.dispatcher import Dispatcher
from wxlogin.outbox.errors import DeliveryNotFound
from wxlogin.outbox.event_types import TEST_TYPE, About
from wxlogin.outbox.outbox import event_row


class DeliveryFilter(NamedTuple):
    """Which deliveries of an endpoint a page has; None means any."""

    state: State | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    oldest_first: bool = False


ALL_DELIVERIES = DeliveryFilter()


class Delivered(NamedTuple):
    """A delivery and its event."""

    delivery: WebhookDelivery
    event: WebhookEvent


class History:
    """The deliveries of an endpoint."""

    def __init__(
        self, current_session: Callable[[], Session], clock: Clock, dispatcher: Dispatcher
    ) -> None:
        self._current_session = current_session
        self._clock = clock
        self._dispatcher = dispatcher

    def queue(self) -> tuple[int, float]:
        """Return how many deliveries wait, and for how many seconds the oldest has."""
        waiting = (
            select(func.count(), func.min(WebhookDelivery.began_at))
            .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
            .where(WebhookEndpoint.enabled, WebhookDelivery.next_at.is_not(None))
        )
        count, oldest = self._current_session().execute(waiting).one()
        return count, (utc_now(self._clock) - oldest).total_seconds() if oldest else 0.0

    def page(
        self,
        endpoint: WebhookEndpoint,
        limit: int,
        *,
        before: int | None = None,
        wanted: DeliveryFilter = ALL_DELIVERIES,
    ) -> list[Delivered]:
        """Return up to `limit` deliveries that the filter wants, in its order.

        `before` is the row id at which the previous page ended.
        """
        behind, order = in_order(WebhookDelivery.id, before, oldest_first=wanted.oldest_first)
        rows = (
            select(WebhookDelivery, WebhookEvent)
            .join(WebhookEvent, WebhookEvent.id == WebhookDelivery.event_id)
            .where(*_conditions(endpoint, wanted), *behind)
            .order_by(order)
            .limit(limit)
        )
        return [Delivered(*row) for row in self._current_session().execute(rows)]

    def count(self, endpoint: WebhookEndpoint, wanted: DeliveryFilter = ALL_DELIVERIES) -> int:
        """Return how many deliveries the filter wants, as `count_rows` counts."""
        conditions = _conditions(endpoint, wanted)
        return count_rows(self._current_session(), WebhookDelivery.id, conditions)

    def of_user(self, public_id: str) -> Sequence[WebhookEvent]:
        """Return the events of a user that are kept, newest first."""
        mine = select(WebhookEvent).where(WebhookEvent.user == public_id)
        return self._current_session().scalars(mine.order_by(WebhookEvent.id.desc())).all()

    def get(self, delivery_id: int) -> Delivered:
        """Return a delivery; DeliveryNotFound if there is none of this id."""
        rows = (
            select(WebhookDelivery, WebhookEvent)
            .join(WebhookEvent, WebhookEvent.id == WebhookDelivery.event_id)
            .where(WebhookDelivery.id == delivery_id)
            .execution_options(populate_existing=True)
        )
        row = self._current_session().execute(rows).first()
        if row is None:
            raise DeliveryNotFound
        return Delivered(*row)

    def replay(self, delivery_id: int) -> Delivered:
        """Send a delivery once more, with the id and the body that it had, as if it were new."""
        self.get(delivery_id)
        now, session = utc_now(self._clock), self._current_session()
        columns = {
            "began_at": now,
            "attempts": 0,
            "next_at": now,
            "lease": None,
            "status_code": None,
            "fault": None,
            "delivered_at": None,
        }
        own = WebhookDelivery.id == delivery_id
        session.execute(update(WebhookDelivery).where(own).values(**columns))
        session.commit()
        self._dispatcher.wake()
        return self.get(delivery_id)

    def test(self, endpoint: WebhookEndpoint) -> Delivered:
        """Send a test event to an endpoint, enabled or not, once and at once."""
        session, now = self._current_session(), utc_now(self._clock)
        row = event_row(TEST_TYPE, milliseconds(self._clock), About(), {}, due=False)
        session.execute(insert(WebhookEvent).values(**row))
        own = WebhookEvent.public_id == row["public_id"]
        event_id = session.scalars(select(WebhookEvent.id).where(own)).one()
        lease = secrets.token_urlsafe(16)
        delivery = WebhookDelivery(
            event_id=event_id,
            endpoint_id=endpoint.id,
            at=now,
            began_at=now,
            attempts=1,
            next_at=now + LEASE,
            lease=lease,
            attempted_at=now,
        )
        session.add(delivery)
        session.flush()
        claimed = read_claim(session.connection(), delivery.id, lease)
        # Returns the connection to the pool: the receiver may take its time.
        session.commit()
        assert claimed is not None
        self._dispatcher.attempt(claimed, last=True)
        return self.get(claimed.id)


def _conditions(endpoint: WebhookEndpoint, wanted: DeliveryFilter) -> list[ColumnElement[bool]]:
    found = [WebhookDelivery.endpoint_id == endpoint.id]
    waits, arrived = WebhookDelivery.next_at, WebhookDelivery.delivered_at
    if wanted.state == "pending":
        found.append(waits.is_not(None))
    elif wanted.state == "delivered":
        found += [waits.is_(None), arrived.is_not(None)]
    elif wanted.state == "failed":
        found += [waits.is_(None), arrived.is_(None)]
    if wanted.type is not None:
        of_type = select(WebhookEvent.id).where(WebhookEvent.type == wanted.type)
        found.append(WebhookDelivery.event_id.in_(of_type))
    if wanted.since is not None:
        found.append(WebhookDelivery.at >= wanted.since)
    if wanted.until is not None:
        found.append(WebhookDelivery.at < wanted.until)
    return found
