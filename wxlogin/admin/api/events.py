"""The security events: parse, one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.paging import Page
from wxlogin.admin.schemas.events import EventItem, EventQuery
from wxlogin.admin.service import events as service
from wxlogin.guard.operators import permitted
from wxlogin.replies import answer

api = admin_blueprint("events", "What the watch saw.")


@api.get("/events", responses={200: Page[EventItem]})
@permitted("events.read")
def list_events(query: EventQuery) -> Response:
    """List security events, newest first."""
    return answer(service.events(query))
