"""The page of the audit trail."""

from __future__ import annotations

from wxlogin.admin.audit import service
from wxlogin.admin.audit.schemas import AuditQuery
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import query_data
from wxlogin.admin.console.layout import page
from wxlogin.guard.admin_gate import permitted
from wxlogin.services import services


@console.get("/audit")
@permitted("audit.read")
def audit() -> str:
    """List the audit trail, newest first."""
    query = query_data(AuditQuery)
    return page("audit", entries=service.list_entries(services.watch.audit, query), query=query)
