"""The login calls: parse, one call, reply."""

from __future__ import annotations

from flask import Response
from flask_openapi import APIBlueprint, Tag

from wxlogin import errors
from wxlogin.clock import Clock
from wxlogin.extensions import limiter
from wxlogin.guard.bodies import require_json
from wxlogin.guard.fast_path import LIMITS, FastPathAnswer, FastPathCall, identity_headers
from wxlogin.guard.gate import guard_account, refuse_bad_codes, refuse_large_body
from wxlogin.guard.request_context import Caller, bearer_token, caller, request_info
from wxlogin.guard.request_signing import require_original_signature
from wxlogin.guard.response_hooks import NO_STORE
from wxlogin.limits.key_functions import setting
from wxlogin.login import schemas, service
from wxlogin.openapi import BEARER, WITH_CODE, WITH_SESSION, optional_body, refusals
from wxlogin.responses import answer
from wxlogin.services import services
from wxlogin.session_creation import LoginAnswer

SESSION_PATH = "/v1/session"
TAG = Tag(name="Login", description="Sign in, sign out, my sessions.")

login = APIBlueprint("login", __name__, abp_tags=[TAG])
limiter.shared_limit(setting("login_ip"), scope="login_ip")(login)
login.before_request(refuse_bad_codes)
login.before_request(refuse_large_body)
login.before_request(require_json)

account = APIBlueprint("account", __name__, abp_tags=[TAG], abp_security=BEARER)
guard_account(account, *LIMITS)
limiter.skip(account)

auth = APIBlueprint("auth", __name__, abp_tags=[TAG], abp_security=BEARER)
guard_account(auth, *LIMITS, signature=require_original_signature)
limiter.skip(auth)


@login.post(
    "/v1/login",
    responses={
        200: LoginAnswer,
        **refusals(errors.DEVICE_LIMIT, errors.USER_RISKY, *WITH_CODE),
    },
)
def sign_in(body: schemas.LoginBody) -> Response:
    """Sign in with a code of wx.login.

    The session of a live token of the same user in `Authorization` is replaced by the new one.
    """
    request = service.LoginRequest(body, request_info().address, bearer_token())
    wechat, accounts, sessions = services.wechat.client, services.accounts, services.sessions
    rates, watch = services.limits.rates, services.watch
    return answer(service.sign_in(wechat, accounts, sessions, rates, watch, request))


@account.post(
    "/v1/logout",
    request_body=optional_body(schemas.LogoutBody),
    responses={200: schemas.Ended, **refusals(*WITH_SESSION)},
)
def sign_out(body: schemas.LogoutBody) -> Response:
    """End this session, the user's others, or all of them."""
    store, revocation = services.sessions.store, services.accounts.session_revocation
    return answer(service.sign_out(store, revocation, caller(), body.scope))


@account.get(SESSION_PATH, responses={200: schemas.SessionAnswer, **refusals(*WITH_SESSION)})
def show_session() -> Response:
    """Describe the caller's session."""
    return answer(service.describe(services.clock, caller()))


def fast_session(clock: Clock) -> FastPathCall:
    """Return `GET /v1/session` as it is answered in front of Flask."""

    def describe(caller: Caller) -> FastPathAnswer:
        body = service.describe(clock, caller).model_dump_json().encode()
        kind, length = ("Content-Type", "application/json"), ("Content-Length", str(len(body)))
        return FastPathAnswer(200, [NO_STORE, kind, length], body)

    return FastPathCall("account.show_session", describe)


@account.get("/v1/sessions", responses={200: schemas.SessionList, **refusals(*WITH_SESSION)})
def list_sessions() -> Response:
    """List the user's sessions, newest first."""
    return answer(service.list_sessions(services.sessions.store, caller()))


@account.delete(
    "/v1/sessions/<id>",
    responses={200: schemas.Ended, **refusals(errors.NOT_FOUND, *WITH_SESSION)},
)
def end_session(path: schemas.SessionPath) -> Response:
    """End one of the user's sessions."""
    return answer(service.end_session(services.sessions.store, caller(), path.id))


@account.post(
    "/v1/session/key",
    responses={200: schemas.SessionKeyState, **refusals(*WITH_SESSION, *WITH_CODE)},
)
def renew_session_key(body: schemas.SessionKeyBody) -> Response:
    """Renew the session_key of the session's user with a new code; the session stays."""
    wechat, accounts, sessions = services.wechat.client, services.accounts, services.sessions
    return answer(service.renew_session_key(wechat, accounts, sessions, caller(), body.code))


@account.post(
    "/v1/session/check",
    request_body=optional_body(schemas.NoBody),
    responses={200: schemas.SessionKeyCheck, **refusals(*WITH_SESSION, *WITH_CODE)},
)
def check_session_key(body: schemas.NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Ask WeChat whether the session_key kept for this user still holds."""
    session_keys, user_keys = services.sessions.keys, services.accounts.user_keys
    return answer(service.check_session_key(session_keys, user_keys, caller()))


@auth.get(
    "/v1/auth",
    description="The answer names the caller in X-Wxlogin-User, X-Wxlogin-App, X-Wxlogin-Session "
    "and X-Wxlogin-Person, in X-Wxlogin-External-Id where there is one, and, where a key for it is "
    "set, in X-Wxlogin-Assertion, a JWT of 60 seconds (see /.well-known/jwks.json). "
    "A signed business call is checked by X-Original-Method, X-Original-URI and "
    "X-Wxlogin-Content-SHA256. The hash is the client's word: the business server must compare it "
    "with the SHA-256 of the body it got, or of an empty one where the header is absent.",
    responses={204: None, **refusals(*WITH_SESSION)},
)
def authorize() -> Response:
    """Name the caller in headers, for `auth_request` of nginx."""
    named = identity_headers(services.sessions.assertions, caller().session)
    response = Response(status=int(services.settings.auth_status), headers=named)
    del response.headers["Content-Type"]
    return response
