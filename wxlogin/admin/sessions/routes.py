"""Live sessions: parse, one call, reply."""

from __future__ import annotations

from functools import partial

from flask import Response

from wxlogin import errors
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.list_answers import list_answer
from wxlogin.admin.paging import Page
from wxlogin.admin.schemas import ById, Ended
from wxlogin.admin.sessions import service
from wxlogin.admin.sessions.schemas import SESSIONS, LiveItem, SessionQuery
from wxlogin.guard.admin_gate import actor, permitted
from wxlogin.guard.audited_reads import audited_read
from wxlogin.openapi import refusals
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("sessions", "Live sessions of all users.")


@api.get("/sessions", responses={200: Page[LiveItem]})
@permitted("sessions.read")
@audited_read("session.list")
def list_sessions(query: SessionQuery) -> Response:
    """List the live sessions, newest first.

    A page may be short, or empty, although `next` names another: sessions that ended are left out,
    and of those that the filters do not want a page passes over some thousands at most.
    """
    read = partial(service.list_live, services.sessions.store, query)
    return list_answer(SESSIONS, query, read, services.watch, services.limits.rates)


@api.delete("/sessions/<id>", responses={200: Ended, **refusals(errors.NOT_FOUND)})
@permitted("sessions.end")
def end_session(path: ById) -> Response:
    """End one session."""
    return answer(service.end(services.watch.audit, services.sessions.store, actor(), path.id))
