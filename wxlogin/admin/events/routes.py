"""The security events: parse, one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.events import service
from wxlogin.admin.events.schemas import EventItem, EventQuery
from wxlogin.admin.paging import Page
from wxlogin.guard.admin_gate import permitted
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("events", "What the watch saw.")


@api.get("/events", responses={200: Page[EventItem]})
@permitted("events.read")
def list_events(query: EventQuery) -> Response:
    """List security events, newest first."""
    return answer(service.list_events(services.watch.recorder.log, query))
