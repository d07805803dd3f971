"""The page of the security events."""

from __future__ import annotations

from functools import partial

from flask import Response, url_for

from wxlogin.admin.console import event_labels
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.filtering import filtered, list_query
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.people import nicknames
from wxlogin.admin.events import service
from wxlogin.admin.events.schemas import EVENTS, EventQuery
from wxlogin.admin.list_answers import list_file
from wxlogin.guard.admin_gate import permitted
from wxlogin.services import services


@console.get("/events")
@permitted("events.read")
def events() -> str:
    """List the security events, newest first."""
    query, log = list_query(EventQuery), services.watch.recorder.log
    found = service.list_events(log, query, query.limit, query.position(int)).page()
    return page(
        "events",
        events=found,
        names=nicknames(one.user for one in found.items),
        total=service.count_events(log, query),
        query=query,
        kinds=list(event_labels.EVENTS.items()),
        apps=services.accounts.apps.all().values(),
    )


@console.post("/events")
@permitted("events.read")
def filter_events() -> Response:
    """Lead to the events that a filter wants."""
    return filtered(EventQuery, url_for("console.events"))


@console.post("/events.csv")
@permitted("events.read")
def events_csv() -> Response:
    """Return the events of a page's filter as a file."""
    query = list_query(EventQuery)
    read = partial(service.list_events, services.watch.recorder.log, query)
    return list_file(EVENTS, query, read, services.watch, services.limits.rates)
