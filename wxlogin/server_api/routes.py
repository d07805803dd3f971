"""The calls for other services: parse, one call, reply."""

from __future__ import annotations

from flask import Response
from flask_openapi import APIBlueprint, Tag

from wxlogin import errors
from wxlogin.guard.api_token_gate import (
    guard_introspection,
    guard_service,
    service_actor,
    token_holder,
)
from wxlogin.guard.bodies import form_field
from wxlogin.openapi import API_TOKEN, WITH_API_TOKEN, WITH_WECHAT, form_body, refusals
from wxlogin.responses import answer
from wxlogin.server_api import schemas, service
from wxlogin.services import services

TAG = Tag(name="Services", description="For your own services, with an API token.")

introspection = APIBlueprint("introspection", __name__, abp_tags=[TAG], abp_security=API_TOKEN)
guard_introspection(introspection)

identity = APIBlueprint("identity", __name__, abp_tags=[TAG], abp_security=API_TOKEN)
guard_service(identity, "identity")

link = APIBlueprint("link", __name__, abp_tags=[TAG], abp_security=API_TOKEN)
guard_service(link, "link")

wechat = APIBlueprint("wechat", __name__, abp_tags=[TAG], abp_security=API_TOKEN)
guard_service(wechat, "wechat")


@introspection.post(
    "/v1/introspect",
    request_body=form_body(schemas.IntrospectForm),
    responses={200: schemas.Introspected, **refusals(*WITH_API_TOKEN)},
)
def introspect() -> Response:
    """Return whether a session's token is active, and whose it is (RFC 7662)."""
    sessions, rates, holder = services.sessions, services.limits.rates, token_holder()
    token = form_field("token").strip()
    return answer(service.introspect(sessions, rates, services.clock, holder, token))


@identity.post(
    "/v1/service/identity",
    responses={200: schemas.IdentityAnswer, **refusals(errors.NOT_FOUND, *WITH_API_TOKEN)},
)
def identify(body: schemas.UserBody) -> Response:
    """Return a user's openid, unionid and further ids."""
    audit, directory = services.watch.audit, services.accounts.directory
    return answer(service.identify(audit, directory, token_holder(), service_actor(), body.user))


@link.post(
    "/v1/service/link",
    responses={
        200: schemas.Linked,
        **refusals(errors.NOT_FOUND, errors.EXTERNAL_ID_TAKEN, *WITH_API_TOKEN),
    },
)
def link_user(body: schemas.LinkBody) -> Response:
    """Give a user the team's own id."""
    audit, accounts = services.watch.audit, services.accounts
    return answer(service.link(audit, accounts, token_holder(), service_actor(), body))


@wechat.post(
    "/v1/service/access-token",
    responses={200: schemas.AccessTokenAnswer, **refusals(*WITH_API_TOKEN, *WITH_WECHAT)},
)
def give_access_token(body: schemas.AccessTokenBody) -> Response:
    """Return the access_token of a mini-program, which wxlogin alone fetches at WeChat."""
    audit, apps, clock = services.watch.audit, services.accounts.apps, services.clock
    tokens, holder, actor = services.wechat.access_tokens, token_holder(), service_actor()
    return answer(service.give_access_token(audit, apps, tokens, clock, holder, actor, body))


@wechat.post(
    "/v1/service/sign",
    responses={
        200: schemas.SignatureAnswer,
        **refusals(errors.NOT_FOUND, errors.SESSION_KEY_EXPIRED, *WITH_API_TOKEN),
    },
)
def sign(body: schemas.SignBody) -> Response:
    """Sign data with the user's session_key, for WeChat's APIs that require a signature."""
    audit, directory = services.watch.audit, services.accounts.directory
    keys = services.sessions.keys
    return answer(service.sign(audit, keys, directory, token_holder(), service_actor(), body))
