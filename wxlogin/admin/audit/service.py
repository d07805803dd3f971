"""Listing the acts of the audit trail."""

from __future__ import annotations

from wxlogin.admin.audit.schemas import AuditItem, AuditQuery
from wxlogin.admin.paging import Part, Position, part, row_id
from wxlogin.admin.times import iso_time
from wxlogin.watch.audit_acts import ActFilter, AuditAct, AuditActs


def list_acts(
    acts: AuditActs, query: AuditQuery, limit: int, after: Position | None
) -> Part[AuditItem]:
    """Return up to `limit` acts that the query asks for, newest first unless it says so."""
    rows = acts.page(limit + 1, before=row_id(after), wanted=_wanted(query))
    return part(rows, limit, _item, lambda one: (one.entry.id,))


def count_acts(acts: AuditActs, query: AuditQuery) -> int:
    """Return how many acts the query asks for, as `count_rows` counts."""
    return acts.count(_wanted(query))


def _wanted(query: AuditQuery) -> ActFilter:
    return ActFilter(
        actor=query.actor,
        act=query.act,
        target=query.target,
        outcome=query.outcome,
        since=query.since,
        until=query.until,
        oldest_first=query.order == "oldest",
    )


def _item(act: AuditAct) -> AuditItem:
    entry = act.entry
    return AuditItem(
        id=entry.number,
        at=iso_time(entry.at),
        actor=entry.actor,
        act=entry.act,
        target=entry.target,
        outcome=entry.outcome,
        intent=entry.intent,
        reason=entry.reason,
        detail=dict(act.detail),
        address=entry.address,
        request_id=entry.request_id,
    )
