"""The page of the security events."""

from __future__ import annotations

from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import query_data
from wxlogin.admin.console.labels import EVENTS
from wxlogin.admin.console.layout import page
from wxlogin.admin.events import service
from wxlogin.admin.events.schemas import EventQuery
from wxlogin.guard.admin_gate import permitted
from wxlogin.services import services


@console.get("/events")
@permitted("events.read")
def events() -> str:
    """List the security events, newest first."""
    query = query_data(EventQuery)
    found = service.list_events(services.watch.recorder.log, query)
    return page("events", events=found, query=query, kinds=list(EVENTS.items()))
