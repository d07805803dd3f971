"""The audit trail: parse, one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin.admin.audit import service
from wxlogin.admin.audit.schemas import AuditItem, AuditQuery
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.paging import Page
from wxlogin.guard.admin_gate import permitted
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("audit", "Who did what.")


@api.get("/audit", responses={200: Page[AuditItem]})
@permitted("audit.read")
def list_entries(query: AuditQuery) -> Response:
    """List the audit trail, newest first."""
    return answer(service.list_entries(services.watch.audit, query))
