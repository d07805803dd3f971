"""The login calls: parse, one call, reply."""

from __future__ import annotations

from flask import Response
from flask_openapi import APIBlueprint, Tag

from wxlogin import errors
from wxlogin.engines import engines
from wxlogin.guard.authentication import bearer_token, caller
from wxlogin.guard.front import LIMITS, identity
from wxlogin.guard.gate import guard_account, guard_login
from wxlogin.guard.passage import passage
from wxlogin.guard.signed_requests import require_original_signature
from wxlogin.login import schemas, service
from wxlogin.openapi import BEARER, WITH_CODE, WITH_SESSION, optional_body, refusals
from wxlogin.replies import answer, repeat_in_header

TAG = Tag(name="Login", description="Sign in, sign out, my sessions.")

login = APIBlueprint("login", __name__, abp_tags=[TAG])
guard_login(login)

account = APIBlueprint("account", __name__, abp_tags=[TAG], abp_security=BEARER)
guard_account(account, "api_openid")

auth = APIBlueprint("auth", __name__, abp_tags=[TAG], abp_security=BEARER)
guard_account(auth, *LIMITS, signature=require_original_signature)
auth.after_request(repeat_in_header)


@login.post(
    "/v1/login",
    responses={200: schemas.LoginAnswer, **refusals(errors.DEVICE_LIMIT, *WITH_CODE)},
)
def sign_in(body: schemas.LoginBody) -> Response:
    """Sign in with a code of wx.login.

    A live token of the same user in `Authorization` gives its session's place to the new one.
    """
    return answer(service.sign_in(engines, body, passage().address, bearer_token()))


@account.post(
    "/v1/logout",
    request_body=optional_body(schemas.LogoutBody),
    responses={200: schemas.Ended, **refusals(*WITH_SESSION)},
)
def sign_out(body: schemas.LogoutBody) -> Response:
    """End this session, the user's others, or all of them."""
    return answer(service.sign_out(engines, caller(), body.scope))


@account.get("/v1/session", responses={200: schemas.SessionAnswer, **refusals(*WITH_SESSION)})
def show_session() -> Response:
    """Describe the session that asks."""
    return answer(service.describe(engines, caller()))


@account.get("/v1/sessions", responses={200: schemas.SessionList, **refusals(*WITH_SESSION)})
def list_sessions() -> Response:
    """List the user's sessions, newest first."""
    return answer(service.list_sessions(engines, caller()))


@account.delete(
    "/v1/sessions/<id>",
    responses={200: schemas.Ended, **refusals(errors.NOT_FOUND, *WITH_SESSION)},
)
def end_session(path: schemas.SessionPath) -> Response:
    """End one of the user's sessions."""
    return answer(service.end_session(engines, caller(), path.id))


@account.post(
    "/v1/session/key",
    responses={200: schemas.SessionKeyState, **refusals(*WITH_SESSION, *WITH_CODE)},
)
def renew_session_key(body: schemas.SessionKeyBody) -> Response:
    """Give WeChat's session_key of this session's user anew, without another session."""
    return answer(service.renew_session_key(engines, caller(), body.code))


@account.post(
    "/v1/session/check",
    request_body=optional_body(schemas.NoBody),
    responses={200: schemas.SessionKeyCheck, **refusals(*WITH_SESSION, *WITH_CODE)},
)
def check_session_key(body: schemas.NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Ask WeChat whether the session_key kept for this user still holds."""
    return answer(service.check_session_key(engines, caller()))


@auth.get(
    "/v1/auth",
    description="A signed business call is checked by X-Original-Method, X-Original-URI and "
    "X-Wxlogin-Content-SHA256. The hash is the client's word: the business server must compare it "
    "with the SHA-256 of the body it got, or of an empty one where the header is absent.",
    responses={204: None, **refusals(*WITH_SESSION)},
)
def authorize() -> Response:
    """Say who asks, in headers, for `auth_request` of nginx."""
    response = Response(status=204, headers=identity(caller().session))
    del response.headers["Content-Type"]
    return response
