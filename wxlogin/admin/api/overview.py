"""The overview: one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.schemas.overview import Overview
from wxlogin.admin.service import overview as service
from wxlogin.engines import engines
from wxlogin.guard.operators import permitted
from wxlogin.replies import answer

api = admin_blueprint("overview", "Numbers over 24 hours and 30 days.")


@api.get("/overview", responses={200: Overview})
@permitted("overview.read")
def show() -> Response:
    """Tell what happened lately, and how many sessions live."""
    return answer(service.overview(engines))
