"""API tokens: parse, one call, reply."""

from __future__ import annotations

from functools import partial

from flask import Response

from wxlogin import errors
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.list_answers import list_answer
from wxlogin.admin.paging import Page
from wxlogin.admin.schemas import ById
from wxlogin.admin.tokens import schemas, service
from wxlogin.guard.admin_gate import actor, permitted
from wxlogin.openapi import refusals
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("tokens", "API tokens of other services.")


@api.get("/tokens", responses={200: Page[schemas.TokenItem]})
@permitted("tokens.read")
def list_tokens(query: schemas.TokenQuery) -> Response:
    """List the API tokens, newest first."""
    read = partial(service.list_tokens, services.operators.tokens, services.clock, query)
    return list_answer(schemas.TOKENS, query, read, services.watch, services.limits.rates)


@api.post("/tokens", responses={200: schemas.NewToken})
@permitted("tokens.write")
def create_token(body: schemas.NewTokenBody) -> Response:
    """Create an API token, which only this answer contains."""
    return answer(
        service.create(
            services.watch,
            services.operators.tokens,
            services.accounts.apps,
            services.clock,
            actor(),
            body,
        )
    )


@api.patch("/tokens/<id>", responses={200: schemas.TokenItem, **refusals(errors.NOT_FOUND)})
@permitted("tokens.write")
def hand_over_token(path: ById, body: schemas.ChangeTokenBody) -> Response:
    """Hand an API token over to another admin."""
    return answer(
        service.hand_over(services.watch.audit, services.operators, actor(), path.id, body)
    )


@api.delete("/tokens/<id>", responses={200: schemas.TokenItem, **refusals(errors.NOT_FOUND)})
@permitted("tokens.write")
def revoke_token(path: ById) -> Response:
    """Revoke an API token, at once."""
    return answer(service.revoke(services.watch.audit, services.operators.tokens, actor(), path.id))
