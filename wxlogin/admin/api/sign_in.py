"""Signing in and out: parse, one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin import errors
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.schemas.shared import Ended, NoBody
from wxlogin.admin.schemas.sign_in import SignedInAnswer, SignInBody
from wxlogin.admin.service import sign_in as service
from wxlogin.engines import engines
from wxlogin.guard.operators import actor, keep_cookie, permitted, signed_in
from wxlogin.guard.passage import passage
from wxlogin.openapi import optional_body, refusals
from wxlogin.operators.permissions import PUBLIC
from wxlogin.replies import answer

api = admin_blueprint("sign_in", "Sign in and out of the admin.")


@api.post(
    "/login",
    security=[],
    responses={200: SignedInAnswer, **refusals(errors.CREDENTIALS_INVALID, errors.CSRF_FAILED)},
)
@permitted(PUBLIC)
def sign_in(body: SignInBody) -> Response:
    """Sign in; the answer sets the cookie `wxlogin_admin`."""
    begun = service.sign_in(engines, body, passage())
    return keep_cookie(answer(begun.answer), begun.cookie)


@api.post("/logout", request_body=optional_body(NoBody), responses={200: Ended})
@permitted("me.logout")
def sign_out(body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Sign out."""
    ended = service.sign_out(engines, signed_in(), actor())
    return keep_cookie(answer(Ended(ended=ended)), "")
