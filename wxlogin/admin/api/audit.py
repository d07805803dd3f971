"""The audit trail: parse, one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.paging import Page
from wxlogin.admin.schemas.audit import AuditItem, AuditQuery
from wxlogin.admin.service import audit as service
from wxlogin.guard.operators import permitted
from wxlogin.replies import answer

api = admin_blueprint("audit", "Who did what.")


@api.get("/audit", responses={200: Page[AuditItem]})
@permitted("audit.read")
def list_entries(query: AuditQuery) -> Response:
    """List the audit trail, newest first."""
    return answer(service.entries(query))
