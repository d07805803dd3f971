"""Listing the audit trail."""

from __future__ import annotations

import json

from wxlogin.admin.audit.schemas import AuditItem, AuditQuery
from wxlogin.admin.paging import Page, page
from wxlogin.admin.times import iso_time
from wxlogin.models import AuditEntry
from wxlogin.watch.audit import Audit


def list_entries(audit: Audit, query: AuditQuery) -> Page[AuditItem]:
    """Return a page of the trail, newest first."""
    rows = audit.page(query.limit + 1, before=query.before(), target=query.target)
    return page(rows, query.limit, _item, lambda row: (row.id,))


def _item(row: AuditEntry) -> AuditItem:
    return AuditItem(
        id=row.number,
        at=iso_time(row.at),
        actor=row.actor,
        act=row.act,
        target=row.target,
        outcome=row.outcome,
        intent=row.intent,
        reason=row.reason,
        detail=json.loads(row.detail),
        address=row.address,
        request_id=row.request_id,
    )
