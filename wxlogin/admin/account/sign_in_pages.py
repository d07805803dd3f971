"""The pages of signing in and out."""

from __future__ import annotations

from flask import Response, request, url_for

from wxlogin.admin.account import sign_in as service
from wxlogin.admin.account.invitation import accept
from wxlogin.admin.account.sign_in_schemas import AcceptBody, SignInBody
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import form_data
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.notices import redirect_to
from wxlogin.guard.admin_gate import actor, keep_cookie, permitted, signed_in
from wxlogin.guard.relying_party import relying_party
from wxlogin.guard.request_context import request_info
from wxlogin.operators.permissions import PUBLIC
from wxlogin.services import services


@console.get("/sign-in")
@permitted(PUBLIC)
def sign_in() -> str:
    """Ask for name, password and code."""
    return page("sign_in")


@console.post("/sign-in")
@permitted(PUBLIC)
def begin() -> Response:
    """Sign in, and go on to the page that the admin asked for."""
    session = service.sign_in(
        services.settings,
        services.operators,
        services.limits.rates,
        services.watch,
        form_data(SignInBody),
        request_info(),
        relying_party(services.settings),
    )
    return keep_cookie(redirect_to(request.args.get("back", "")), session.cookie)


@console.get("/invitation")
@permitted(PUBLIC)
def invitation() -> str:
    """Ask who was invited for a password; the code stands behind `#` in the address."""
    return page("invitation")


@console.post("/invitation")
@permitted(PUBLIC)
def accept_invitation() -> Response:
    """Set the password and sign in."""
    session = accept(
        services.settings,
        services.operators,
        services.limits.rates,
        services.watch.audit,
        form_data(AcceptBody),
        request_info(),
    )
    response = redirect_to(url_for("console.overview"))
    # A fragment of its own: otherwise the browser would take along the one with the code.
    response.headers["Location"] += "#content"
    return keep_cookie(response, session.cookie)


@console.post("/sign-out")
@permitted("me.logout")
def sign_out() -> Response:
    """Sign out."""
    service.sign_out(services.operators.sessions, services.watch.audit, signed_in(), actor())
    return keep_cookie(redirect_to(url_for("console.sign_in")), "")
