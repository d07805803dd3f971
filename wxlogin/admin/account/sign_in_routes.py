"""Signing in and out: parse, one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin import errors
from wxlogin.admin.account import sign_in as service
from wxlogin.admin.account.invitation import accept
from wxlogin.admin.account.sign_in_schemas import AcceptBody, Challenge, SignedInAnswer, SignInBody
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.schemas import Ended, NoBody
from wxlogin.guard.admin_gate import actor, keep_cookie, permitted, signed_in
from wxlogin.guard.relying_party import relying_party
from wxlogin.guard.request_context import request_info
from wxlogin.openapi import optional_body, refusals
from wxlogin.operators.permissions import PUBLIC
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("sign_in", "Sign in and out of the admin.")


@api.post(
    "/login",
    security=[],
    responses={200: SignedInAnswer, **refusals(errors.CREDENTIALS_INVALID, errors.CSRF_FAILED)},
)
@permitted(PUBLIC)
def sign_in(body: SignInBody) -> Response:
    """Sign in; the answer sets the cookie `wxlogin_admin`."""
    session = service.sign_in(
        services.settings,
        services.operators,
        services.limits.rates,
        services.watch,
        body,
        request_info(),
        relying_party(services.settings),
    )
    return keep_cookie(answer(session.answer), session.cookie)


@api.post(
    "/invitation",
    security=[],
    responses={200: SignedInAnswer, **refusals(errors.CREDENTIALS_INVALID, errors.CSRF_FAILED)},
)
@permitted(PUBLIC)
def accept_invitation(body: AcceptBody) -> Response:
    """Accept an invitation: set the password, once; the answer sets the cookie."""
    rates, audit = services.limits.rates, services.watch.audit
    session = accept(services.settings, services.operators, rates, audit, body, request_info())
    return keep_cookie(answer(session.answer), session.cookie)


@api.post(
    "/login/challenge",
    security=[],
    request_body=optional_body(NoBody),
    responses={200: Challenge, **refusals(errors.CSRF_FAILED)},
)
@permitted(PUBLIC)
def begin_with_passkey(body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Begin a sign-in with a passkey."""
    rates, party = services.limits.rates, relying_party(services.settings)
    return answer(service.begin_with_passkey(services.operators, rates, request_info(), party))


@api.post("/logout", request_body=optional_body(NoBody), responses={200: Ended})
@permitted("me.logout")
def sign_out(body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Sign out."""
    ended = service.sign_out(
        services.operators.sessions, services.watch.audit, signed_in(), actor()
    )
    return keep_cookie(answer(Ended(ended=ended)), "")
