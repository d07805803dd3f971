"""The overview: one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.overview import service
from wxlogin.admin.overview.schemas import Overview
from wxlogin.guard.admin_gate import permitted
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("overview", "Numbers over 24 hours and 30 days.")


@api.get("/overview", responses={200: Overview})
@permitted("overview.read")
def show() -> Response:
    """Return recent counts, and how many sessions are live."""
    return answer(service.overview(services.watch.statistics, services.sessions.store))
