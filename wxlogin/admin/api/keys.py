"""Keys: parse, one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.paging import PageQuery
from wxlogin.admin.schemas.keys import KeyPage
from wxlogin.admin.service import keys as service
from wxlogin.engines import engines
from wxlogin.guard.operators import permitted
from wxlogin.replies import answer

api = admin_blueprint("keys", "The keys of the settings.")


@api.get("/keys", responses={200: KeyPage})
@permitted("keys.read")
def list_keys(query: PageQuery) -> Response:
    """List the keys by name, with how many rows still need each."""
    return answer(service.listed(engines, query))
