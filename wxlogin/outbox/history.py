"""What became of deliveries, for operators: lists, replays, tests."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from wxlogin.clock import Clock, milliseconds, utc_now
from wxlogin.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from wxlogin.outbox.claims import LEASE
from wxlogin.outbox.deliveries import read_claim
from wxlogin.outbox.dispatcher import Dispatcher
from wxlogin.outbox.errors import DeliveryNotFound
from wxlogin.outbox.event_types import TEST_TYPE, About
from wxlogin.outbox.outbox import event_row


class Delivered(NamedTuple):
    """A delivery and its event."""

    delivery: WebhookDelivery
    event: WebhookEvent


class History:
    """The deliveries of an endpoint, newest first."""

    def __init__(
        self, current_session: Callable[[], Session], clock: Clock, dispatcher: Dispatcher
    ) -> None:
        self._current_session = current_session
        self._clock = clock
        self._dispatcher = dispatcher

    def page(
        self, endpoint: WebhookEndpoint, limit: int, *, before: int | None = None
    ) -> list[Delivered]:
        """Return up to `limit` deliveries of row ids below `before`."""
        older = [] if before is None else [WebhookDelivery.id < before]
        rows = (
            select(WebhookDelivery, WebhookEvent)
            .join(WebhookEvent, WebhookEvent.id == WebhookDelivery.event_id)
            .where(WebhookDelivery.endpoint_id == endpoint.id, *older)
            .order_by(WebhookDelivery.id.desc())
            .limit(limit)
        )
        return [Delivered(*row) for row in self._current_session().execute(rows)]

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
