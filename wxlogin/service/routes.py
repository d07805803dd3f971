"""The calls for other services: parse, one call, reply."""

from __future__ import annotations

from flask import Response
from flask_openapi import APIBlueprint, Tag

from wxlogin import errors
from wxlogin.engines import engines
from wxlogin.guard.forms import form_field
from wxlogin.guard.services import guard_introspection, guard_service, service_actor
from wxlogin.guard.services import service as asking
from wxlogin.openapi import API_TOKEN, WITH_API_TOKEN, WITH_WECHAT, form_body, refusals
from wxlogin.replies import answer
from wxlogin.service import schemas, service

TAG = Tag(name="Services", description="For your own services, with an API token.")

introspection = APIBlueprint("introspection", __name__, abp_tags=[TAG], abp_security=API_TOKEN)
guard_introspection(introspection)

identity = APIBlueprint("identity", __name__, abp_tags=[TAG], abp_security=API_TOKEN)
guard_service(identity, "identity")

wechat = APIBlueprint("wechat", __name__, abp_tags=[TAG], abp_security=API_TOKEN)
guard_service(wechat, "wechat")


@introspection.post(
    "/v1/introspect",
    request_body=form_body(schemas.IntrospectForm),
    responses={200: schemas.Introspected, **refusals(*WITH_API_TOKEN)},
)
def introspect() -> Response:
    """Say whether a session's token holds, and whose it is (RFC 7662)."""
    return answer(service.introspect(engines, asking(), form_field("token")))


@identity.post(
    "/v1/service/identity",
    responses={200: schemas.IdentityAnswer, **refusals(errors.NOT_FOUND, *WITH_API_TOKEN)},
)
def identify(body: schemas.UserBody) -> Response:
    """Tell who a user is at WeChat."""
    return answer(service.identify(engines, service_actor(), body.user))


@wechat.post(
    "/v1/service/access-token",
    responses={200: schemas.AccessTokenAnswer, **refusals(*WITH_API_TOKEN, *WITH_WECHAT)},
)
def give_access_token(body: schemas.AppBody) -> Response:
    """Give the access_token of a mini-program; wxlogin is its one holder."""
    return answer(service.give_access_token(engines, service_actor(), body.appid))


@wechat.post(
    "/v1/service/sign",
    responses={
        200: schemas.SignatureAnswer,
        **refusals(errors.NOT_FOUND, errors.SESSION_KEY_EXPIRED, *WITH_API_TOKEN),
    },
)
def sign(body: schemas.SignBody) -> Response:
    """Sign data with the user's session_key, for the calls of WeChat that ask for it."""
    return answer(service.sign(engines, service_actor(), body))
