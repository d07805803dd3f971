"""Signing in and out by forms."""

from __future__ import annotations

from flask import Response, request, url_for

from wxlogin.admin.console.answers import back_to, safe
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import sent
from wxlogin.admin.console.pages import page
from wxlogin.admin.schemas.sign_in import SignInBody
from wxlogin.admin.service import sign_in as service
from wxlogin.engines import engines
from wxlogin.guard.operators import actor, keep_cookie, permitted, signed_in
from wxlogin.guard.passage import passage
from wxlogin.operators.permissions import PUBLIC


@console.get("/sign-in")
@permitted(PUBLIC)
def sign_in() -> str:
    """Ask for name, password and code."""
    return page("sign_in")


@console.post("/sign-in")
@permitted(PUBLIC)
def begin() -> Response:
    """Sign in, and go on to where the operator wanted to be."""
    begun = service.sign_in(engines, sent(SignInBody), passage())
    return keep_cookie(back_to(safe(request.args.get("back", ""))), begun.cookie)


@console.post("/sign-out")
@permitted("me.logout")
def sign_out() -> Response:
    """Sign out."""
    service.sign_out(engines, signed_in(), actor())
    return keep_cookie(back_to(url_for("console.sign_in")), "")
