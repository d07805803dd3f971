"""Takes the person and the team's own id out of `user.erased`, once nobody has to be told any more.

The event carries both so that the team's own tables can follow; it keeps the random public id.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Select, exists, select, update

from wxlogin.database import lock_rows
from wxlogin.models import WebhookDelivery, WebhookEvent
from wxlogin.outbox.event_types import EventType, Json, with_data
from wxlogin.outbox.subscriptions import Transaction

BLANK: Mapping[str, Json] = {"person": None, "external_id": None}


def erased_of(event_ids: Select[int]) -> Select[int]:
    """Select those of the events that tell of an erasure."""
    return select(WebhookEvent.id).where(*_erased(event_ids))


def lock_erased(sql: Transaction, event_ids: Collection[int]) -> None:
    """Lock those of the events that tell of an erasure: of two last deliveries, one sees both."""
    if event_ids:
        lock_rows(sql, WebhookEvent, *_erased(event_ids))


def blank_delivered(sql: Transaction, event_ids: Collection[int]) -> None:
    """Blank those of the locked events that no delivery waits for, in the caller's transaction."""
    if not event_ids:
        return
    waits = exists().where(
        WebhookDelivery.event_id == WebhookEvent.id, WebhookDelivery.next_at.is_not(None)
    )
    told = select(WebhookEvent.id, WebhookEvent.body).where(*_erased(event_ids), ~waits)
    for row in sql.execute(told).all():
        text = with_data(row.body, BLANK)
        sql.execute(update(WebhookEvent).where(WebhookEvent.id == row.id).values(body=text))


def _erased(event_ids: Collection[int] | Select[int]) -> tuple[ColumnElement[bool], ...]:
    return WebhookEvent.id.in_(event_ids), WebhookEvent.type == EventType.USER_ERASED
