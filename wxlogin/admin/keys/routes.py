"""Keys: parse, one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin import errors
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.keys import service
from wxlogin.admin.keys.schemas import KeyPage
from wxlogin.admin.paging import MAX_LIMIT, PageQuery
from wxlogin.admin.schemas import NoBody
from wxlogin.guard.admin_gate import actor, permitted
from wxlogin.openapi import optional_body, refusals
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("keys", "The keys of the settings.")


@api.get("/keys", responses={200: KeyPage})
@permitted("keys.read")
def list_keys(query: PageQuery) -> Response:
    """List the keys by name, with how many rows still need each."""
    return answer(service.list_keys(services.keyring.reports, query))


@api.post(
    "/keys/rotate",
    request_body=optional_body(NoBody),
    responses={202: KeyPage, **refusals(errors.INVALID_REQUEST)},
)
@permitted("keys.rotate")
def rotate(body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Seal and index everything under the newest keys, in the background."""
    service.rotate(services.watch.audit, services.keyring.rotation, actor())
    query = PageQuery(limit=MAX_LIMIT)
    return answer(service.list_keys(services.keyring.reports, query), 202)
