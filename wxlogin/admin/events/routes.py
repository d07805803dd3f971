"""The security events: parse, one call, reply."""

from __future__ import annotations

from functools import partial

from flask import Response

from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.events import service
from wxlogin.admin.events.schemas import EVENTS, EventItem, EventQuery
from wxlogin.admin.list_answers import list_answer
from wxlogin.admin.paging import Page
from wxlogin.guard.admin_gate import permitted
from wxlogin.services import services

api = admin_blueprint("events", "What the watch saw.")


@api.get("/events", responses={200: Page[EventItem]})
@permitted("events.read")
def list_events(query: EventQuery) -> Response:
    """List security events, newest first."""
    read = partial(service.list_events, services.watch.recorder.log, query)
    return list_answer(EVENTS, query, read, services.watch, services.limits.rates)
