"""The audit trail: parse, one call, reply."""

from __future__ import annotations

from functools import partial

from flask import Response

from wxlogin.admin.audit import service
from wxlogin.admin.audit.schemas import ACTS, AuditItem, AuditQuery
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.list_answers import list_answer
from wxlogin.admin.paging import Page
from wxlogin.guard.admin_gate import permitted
from wxlogin.services import services

api = admin_blueprint("audit", "Who did what.")


@api.get("/audit", responses={200: Page[AuditItem]})
@permitted("audit.read")
def list_acts(query: AuditQuery) -> Response:
    """List the acts of the audit trail, newest first."""
    read = partial(service.list_acts, services.watch.acts, query)
    return list_answer(ACTS, query, read, services.watch, services.limits.rates)
