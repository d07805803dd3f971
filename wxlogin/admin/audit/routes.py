"""The audit trail: parse, one call, reply."""

from __future__ import annotations

from functools import partial

from flask import Response

from wxlogin.admin.audit import service
from wxlogin.admin.audit.schemas import ACTS, AuditItem, AuditQuery
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.csv_lists import csv_list, wants_csv
from wxlogin.admin.lookup_limits import current_requester
from wxlogin.admin.paging import Page
from wxlogin.guard.admin_gate import permitted
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("audit", "Who did what.")


@api.get("/audit", responses={200: Page[AuditItem]})
@permitted("audit.read")
def list_acts(query: AuditQuery) -> Response:
    """List the acts of the audit trail, newest first."""
    read = partial(service.list_acts, services.watch.acts, query)
    if wants_csv():
        watch, rates, who = services.watch, services.limits.rates, current_requester()
        return csv_list(ACTS, query, read, watch, rates, who)
    return answer(read(query.limit, query.position(int)).page())
