"""API tokens: parse, one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin import errors
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.paging import Page, PageQuery
from wxlogin.admin.schemas import tokens as schemas
from wxlogin.admin.schemas.shared import ById
from wxlogin.admin.service import tokens as service
from wxlogin.engines import engines
from wxlogin.guard.operators import actor, permitted
from wxlogin.openapi import refusals
from wxlogin.replies import answer

api = admin_blueprint("tokens", "API tokens of other services.")


@api.get("/tokens", responses={200: Page[schemas.TokenItem]})
@permitted("tokens.read")
def list_tokens(query: PageQuery) -> Response:
    """List the API tokens, newest first."""
    return answer(service.list_tokens(query))


@api.post("/tokens", responses={200: schemas.NewToken})
@permitted("tokens.write")
def create_token(body: schemas.NewTokenBody) -> Response:
    """Make an API token and answer it, this once."""
    return answer(service.create(engines, actor(), body))


@api.delete("/tokens/<id>", responses={200: schemas.TokenItem, **refusals(errors.NOT_FOUND)})
@permitted("tokens.write")
def revoke_token(path: ById) -> Response:
    """Revoke an API token, at once."""
    return answer(service.revoke(engines, actor(), path.id))
