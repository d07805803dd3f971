"""The audit trail."""

from __future__ import annotations

from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import asked
from wxlogin.admin.console.pages import page
from wxlogin.admin.schemas.audit import AuditQuery
from wxlogin.admin.service import audit as service
from wxlogin.guard.operators import permitted


@console.get("/audit")
@permitted("audit.read")
def audit() -> str:
    """List who did what, newest first."""
    query = asked(AuditQuery)
    return page("audit", entries=service.entries(query), query=query)
