"""The events of sessions that a login replaced or evicted: they are told right behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from wxlogin.models import WebhookEvent
from wxlogin.outbox.event_types import About, EventType
from wxlogin.outbox.outbox import event_row
from wxlogin.outbox.subscriptions import Subscription
from wxlogin.sessions.replies import LoginOutcome

Columns = dict[str, Any]


def replacement_events(login: Row[Any], outcome: LoginOutcome) -> list[Columns]:
    """Return the columns of the events of the sessions that a login ended."""
    told = json.loads(login.body)["data"]
    about = About(*(told[name] for name in About._fields))
    ended = [(EventType.SESSION_REPLACED, sid) for sid in outcome.replaced]
    ended += [(EventType.SESSION_EVICTED, sid) for sid in outcome.evicted]
    at = login.at_ms or int(login.at.timestamp() * 1000)
    return [
        event_row(type_, at, about, {"session": sid, "by": login.session}, due=False)
        for type_, sid in ended
    ]


def with_replacement_events(
    connection: Connection,
    events: Sequence[Row[Any]],
    replacements: Mapping[int, Sequence[Columns]],
    recipients: Sequence[Subscription],
) -> list[Row[Any]]:
    """Return the events, and behind each login those of the sessions that it ended.

    `replacements` are their columns, by the row id of the login; as far as somebody wants them they
    are written here, as told.
    """
    new = {
        row.id: [one for one in replacements[row.id] if _wanted(one, recipients)] for row in events
    }
    rows = _written(connection, [one for ended in new.values() for one in ended])
    return [one for row in events for one in (row, *(rows[e["public_id"]] for e in new[row.id]))]


def _wanted(event: Columns, recipients: Sequence[Subscription]) -> bool:
    return any(recipient.wants(event["type"], event["app"]) for recipient in recipients)


def _written(connection: Connection, new: Sequence[Columns]) -> dict[str, Row[Any]]:
    """Write events; return their rows by public id."""
    if not new:
        return {}
    connection.execute(insert(WebhookEvent), new)
    own = WebhookEvent.public_id.in_([one["public_id"] for one in new])
    found = connection.execute(select(WebhookEvent.__table__).where(own))
    return {row.public_id: row for row in found}
