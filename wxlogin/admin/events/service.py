"""Listing the security events."""

from __future__ import annotations

import json
from collections.abc import Sequence

from wxlogin.admin.events.schemas import EventItem, EventQuery
from wxlogin.admin.paging import Part, Position, part, row_id
from wxlogin.clock import iso_time
from wxlogin.models import SecurityEvent
from wxlogin.watch.event_log import EventFilter, EventLog
from wxlogin.watch.events import Kind, get_severity
from wxlogin.watch.statistics import FAILURES


def list_events(
    log: EventLog, query: EventQuery, limit: int, after: Position | None = None
) -> Part[EventItem]:
    """Return up to `limit` events that the query asks for, newest first unless it says so."""
    rows = log.page(limit + 1, before=row_id(after), wanted=_wanted(query))
    return part(rows, limit, _item, lambda row: (row.id,))


def count_events(log: EventLog, query: EventQuery) -> int:
    """Return how many rows of events the query asks for, as `count_rows` counts."""
    return log.count(_wanted(query))


def _wanted(query: EventQuery) -> EventFilter:
    return EventFilter(
        kinds=_kinds(query),
        subject=query.subject,
        user=query.user,
        app=query.app,
        address=query.address,
        since=query.since,
        until=query.until,
        oldest_first=query.order == "oldest",
    )


def _kinds(query: EventQuery) -> Sequence[Kind] | None:
    """Return the kinds that the query asks for, None if it asks for any."""
    if query.kind is None and query.severity is None and query.refused is None:
        return None
    return [
        kind
        for kind in Kind
        if query.kind in (None, kind)
        and query.severity in (None, kind.severity)
        and query.refused in (None, kind in FAILURES)
    ]


def _item(row: SecurityEvent) -> EventItem:
    return EventItem(
        id=row.id,
        kind=row.kind,
        severity=get_severity(row.kind),
        subject=row.subject,
        user=row.user,
        address=row.address,
        request_id=row.request_id,
        count=row.count,
        first_at=iso_time(row.first_at),
        last_at=iso_time(row.last_at),
        detail=json.loads(row.detail),
    )
