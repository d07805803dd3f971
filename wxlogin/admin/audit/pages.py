"""The page of the audit trail."""

from __future__ import annotations

from functools import partial

from flask import Response, url_for

from wxlogin.admin.audit import service
from wxlogin.admin.audit.schemas import ACTS, AuditQuery
from wxlogin.admin.console import act_labels, labels
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.filtering import filtered, list_query
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.people import nicknames
from wxlogin.admin.list_answers import list_file
from wxlogin.guard.admin_gate import permitted
from wxlogin.services import services


@console.get("/audit")
@permitted("audit.read")
def audit() -> str:
    """List the acts of the audit trail, newest first."""
    query, trail = list_query(AuditQuery), services.watch.acts
    entries = service.list_acts(trail, query, query.limit, query.position(int)).page()
    return page(
        "audit",
        entries=entries,
        names=nicknames(_user(one.target) for one in entries.items),
        total=service.count_acts(trail, query),
        query=query,
        acts=list(act_labels.ACTS.items()),
        outcomes=list(labels.OUTCOMES.items()),
    )


@console.post("/audit")
@permitted("audit.read")
def filter_audit() -> Response:
    """Lead to the acts that a filter wants."""
    return filtered(AuditQuery, url_for("console.audit"))


@console.post("/audit.csv")
@permitted("audit.read")
def audit_csv() -> Response:
    """Return the acts of a page's filter as a file."""
    query = list_query(AuditQuery)
    read = partial(service.list_acts, services.watch.acts, query)
    return list_file(ACTS, query, read, services.watch, services.limits.rates)


def _user(target: str) -> str | None:
    kind, _colon, user = target.partition(":")
    return user if kind == "user" else None
