"""Security events."""

from __future__ import annotations

from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import asked
from wxlogin.admin.console.pages import page
from wxlogin.admin.console.words import EVENTS
from wxlogin.admin.schemas.events import EventQuery
from wxlogin.admin.service import events as service
from wxlogin.guard.operators import permitted


@console.get("/events")
@permitted("events.read")
def events() -> str:
    """List what the watch saw, newest first."""
    query = asked(EventQuery)
    return page("events", events=service.events(query), query=query, kinds=list(EVENTS.items()))
