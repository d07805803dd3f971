"""How the endpoints are, for the doctor: paused, failing, or never tried at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Connection, func, select

from wxlogin.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from wxlogin.outbox.deliveries import due

UNSENT_AFTER = timedelta(minutes=10)
"""What is due for longer, and was never tried, is sent by no worker."""


class Health(NamedTuple):
    """An endpoint; `fault` is what went wrong at its last attempt that failed."""

    id: str
    url: str
    enabled: bool
    paused_at: datetime | None
    failing_since: datetime | None
    fault: str

    def __repr__(self) -> str:
        return f"Health({self.id})"  # its URL may hold a secret

    @property
    def host(self) -> str:
        """The host of its URL: the rest may hold a secret."""
        return urlsplit(self.url).hostname or "?"


def read_health(connection: Connection) -> list[Health]:
    """Return every endpoint, oldest first."""
    rows = connection.execute(select(WebhookEndpoint.__table__).order_by(WebhookEndpoint.id))
    return [
        Health(
            row.public_id,
            row.url,
            row.enabled,
            row.paused_at,
            row.failing_since,
            _last_fault(connection, row.id) if row.paused_at or row.failing_since else "",
        )
        for row in rows.all()
    ]


def unsent_since(connection: Connection, now: datetime) -> datetime | None:
    """Return since when an event or a delivery is due that no worker has tried to send."""
    before = now - UNSENT_AFTER
    events = select(func.min(WebhookEvent.due_at)).where(WebhookEvent.due_at <= before)
    endpoints = connection.scalars(select(WebhookEndpoint.id).where(WebhookEndpoint.enabled))
    deliveries = [
        due(endpoint_id, before)
        .with_only_columns(WebhookDelivery.next_at)
        .where(WebhookDelivery.attempts == 0)
        .limit(1)
        for endpoint_id in endpoints.all()
    ]
    found = [connection.scalar(oldest) for oldest in (events, *deliveries)]
    return min(filter(None, found), default=None)


def _last_fault(connection: Connection, endpoint_id: int) -> str:
    failed = WebhookDelivery.endpoint_id == endpoint_id, WebhookDelivery.fault.is_not(None)
    newest = select(WebhookDelivery.fault).where(*failed).order_by(WebhookDelivery.id.desc())
    return connection.scalar(newest.limit(1)) or "?"
