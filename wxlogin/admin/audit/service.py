"""Listing the acts of the audit trail."""

from __future__ import annotations

from wxlogin.admin.audit.schemas import AuditItem, AuditQuery
from wxlogin.admin.paging import Part, Position, part, row_id
from wxlogin.admin.times import iso_time
from wxlogin.watch.audit_acts import ActFilter, AuditAct, AuditActs


def list_acts(
    acts: AuditActs, query: AuditQuery, limit: int, after: Position | None
) -> Part[AuditItem]:
    """Return up to `limit` acts, newest first, that the query asks for."""
    wanted = ActFilter(
        actor=query.actor,
        act=query.act,
        target=query.target,
        outcome=query.outcome,
        since=query.since,
        until=query.until,
    )
    rows = acts.page(limit + 1, before=row_id(after), wanted=wanted)
    return part(rows, limit, _item, lambda one: (one.entry.id,))


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
