"""What is shown of the security events."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import select

from wxlogin.admin.paging import Page, page
from wxlogin.admin.schemas.events import EventItem, EventQuery
from wxlogin.clock import iso
from wxlogin.extensions import db
from wxlogin.models import SecurityEvent
from wxlogin.watch.events import Kind, severity_of


def events(query: EventQuery) -> Page[EventItem]:
    """A page of the events, newest first."""
    return page(_rows(query), query.limit, _item, lambda row: (row.id,))


def _rows(query: EventQuery) -> Sequence[SecurityEvent]:
    wanted = select(SecurityEvent)
    if query.kind or query.severity or query.subject is not None:
        # Named in any case: the index that finds a subject begins with the kind.
        wanted = wanted.where(SecurityEvent.kind.in_(_kinds(query)))
    if query.subject is not None:
        wanted = wanted.where(SecurityEvent.subject == query.subject)
    if query.user is not None:
        wanted = wanted.where(SecurityEvent.user == query.user)
    if position := query.position(int):
        wanted = wanted.where(SecurityEvent.id < position[0])
    return db.session.scalars(wanted.order_by(SecurityEvent.id.desc()).limit(query.limit + 1)).all()


def _kinds(query: EventQuery) -> list[str]:
    return [
        kind.value
        for kind in Kind
        if query.kind in (None, kind) and query.severity in (None, kind.severity)
    ]


def _item(row: SecurityEvent) -> EventItem:
    return EventItem(
        id=row.id,
        kind=row.kind,
        severity=severity_of(row.kind),
        subject=row.subject,
        user=row.user,
        address=row.address,
        request_id=row.request_id,
        count=row.count,
        first_at=iso(int(row.first_at.timestamp() * 1000)),
        last_at=iso(int(row.last_at.timestamp() * 1000)),
        detail=json.loads(row.detail),
    )
