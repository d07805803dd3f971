"""The security events: parse, one call, reply."""

from __future__ import annotations

from functools import partial

from flask import Response

from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.csv_lists import csv_list, wants_csv
from wxlogin.admin.events import service
from wxlogin.admin.events.schemas import EVENTS, EventItem, EventQuery
from wxlogin.admin.lookup_limits import current_requester
from wxlogin.admin.paging import Page
from wxlogin.guard.admin_gate import permitted
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("events", "What the watch saw.")


@api.get("/events", responses={200: Page[EventItem]})
@permitted("events.read")
def list_events(query: EventQuery) -> Response:
    """List security events, newest first."""
    read = partial(service.list_events, services.watch.recorder.log, query)
    if wants_csv():
        watch, rates, who = services.watch, services.limits.rates, current_requester()
        return csv_list(EVENTS, query, read, watch, rates, who)
    return answer(read(query.limit, query.position(int)).page())
