"""The search for anything: parse, one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.find import service
from wxlogin.admin.find.schemas import FindAnswer, FindBody
from wxlogin.admin.lookup_limits import current_requester
from wxlogin.guard.admin_gate import is_allowed, permitted
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("find", "One search for whatever an operator was told.")


@api.post("/find", responses={200: FindAnswer})
@permitted("users.read")
def find(body: FindBody) -> Response:
    """Find what a text means: a whole id, openid, phone number, session, request or address.

    Ended sessions are found too. A phone number needs the permission to search by one.
    """
    return answer(service.find(here(), services.limits.rates, current_requester(), body.q))


def here() -> service.Where:
    """Return where this request may look."""
    accounts = services.accounts
    return service.Where(
        services.watch,
        accounts.apps,
        accounts.directory,
        services.sessions.store,
        is_allowed("audit.read"),
    )
