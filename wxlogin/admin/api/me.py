"""My own account: parse, one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.schemas.sign_in import MeAnswer
from wxlogin.admin.service import me as service
from wxlogin.engines import engines
from wxlogin.guard.operators import permitted, signed_in
from wxlogin.replies import answer

api = admin_blueprint("me", "The account of the admin who is signed in.")


@api.get("/me", responses={200: MeAnswer})
@permitted("me.read")
def show_me() -> Response:
    """Say who is signed in, and give the CSRF token again."""
    return answer(service.show(engines, signed_in()))
