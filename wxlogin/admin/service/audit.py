"""What is shown of the audit trail."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import select

from wxlogin.admin.paging import Page, page
from wxlogin.admin.schemas.audit import AuditItem, AuditQuery
from wxlogin.admin.service.times import iso_time
from wxlogin.extensions import db
from wxlogin.models import AuditEntry


def entries(query: AuditQuery) -> Page[AuditItem]:
    """A page of the trail, newest first."""
    return page(_rows(query), query.limit, _item, lambda row: (row.id,))


def _rows(query: AuditQuery) -> Sequence[AuditEntry]:
    wanted = select(AuditEntry)
    if query.target is not None:
        wanted = wanted.where(AuditEntry.target == query.target)
    position = query.position(int)
    if position:
        wanted = wanted.where(AuditEntry.id < position[0])
    return db.session.scalars(wanted.order_by(AuditEntry.id.desc()).limit(query.limit + 1)).all()


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
