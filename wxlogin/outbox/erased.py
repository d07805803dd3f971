"""Takes the person and the team's own id out of `user.erased`, once nobody has to be told any more.

The event carries both so that the team's own tables can follow; it keeps the random public id.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, exists, select, update

from wxlogin.database import lock_rows
from wxlogin.models import WebhookDelivery, WebhookEvent
from wxlogin.outbox.event_types import EventType
from wxlogin.outbox.subscriptions import Transaction

BLANK = {"person": None, "external_id": None}


def erased_of(event_ids: Select[int]) -> Select[int]:
    """Select those of the events that tell of an erasure."""
    return select(WebhookEvent.id).where(
        WebhookEvent.id.in_(event_ids), WebhookEvent.type == EventType.USER_ERASED
    )


def lock_erased(sql: Transaction, event_ids: Collection[int]) -> None:
    """Lock those of the events that tell of an erasure: of two last deliveries, one sees both."""
    if event_ids:
        lock_rows(sql, WebhookEvent, *_erased(event_ids))


def blank_told(sql: Transaction, event_ids: Collection[int]) -> None:
    """Blank those of the locked events that no delivery waits for, in the caller's transaction."""
    if not event_ids:
        return
    waits = exists().where(
        WebhookDelivery.event_id == WebhookEvent.id, WebhookDelivery.next_at.is_not(None)
    )
    told = select(WebhookEvent.id, WebhookEvent.body).where(*_erased(event_ids), ~waits)
    for row in sql.execute(told).all():
        whole = json.loads(row.body)
        whole["data"] |= BLANK
        text = json.dumps(whole, separators=(",", ":"))
        sql.execute(update(WebhookEvent).where(WebhookEvent.id == row.id).values(body=text))


def _erased(event_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    return WebhookEvent.id.in_(event_ids), WebhookEvent.type == EventType.USER_ERASED
