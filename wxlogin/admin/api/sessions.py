"""Live sessions: parse, one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin import errors
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.paging import Page, PageQuery
from wxlogin.admin.schemas.sessions import LiveItem
from wxlogin.admin.schemas.shared import ById, Ended
from wxlogin.admin.service import sessions as service
from wxlogin.engines import engines
from wxlogin.guard.operators import actor, permitted
from wxlogin.openapi import refusals
from wxlogin.replies import answer

api = admin_blueprint("sessions", "Live sessions of all users.")


@api.get("/sessions", responses={200: Page[LiveItem]})
@permitted("sessions.read")
def list_sessions(query: PageQuery) -> Response:
    """List the live sessions, newest first.

    A page may be short, or empty, although `next` names another: sessions that ended are left out.
    """
    return answer(service.live(engines, query))


@api.delete("/sessions/<id>", responses={200: Ended, **refusals(errors.NOT_FOUND)})
@permitted("sessions.end")
def end_session(path: ById) -> Response:
    """End one session."""
    return answer(service.end(engines, actor(), path.id))
