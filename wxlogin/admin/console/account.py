"""My account: my password, where I am signed in, and giving the password once more."""

from __future__ import annotations

from flask import Response, request, url_for
from flask_babel import gettext, ngettext

from wxlogin.admin.console.acts import Question, ask
from wxlogin.admin.console.answers import back_to, done
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import sent
from wxlogin.admin.console.pages import page
from wxlogin.admin.schemas.me import PasswordBody, ReauthBody
from wxlogin.admin.service import me as service
from wxlogin.engines import engines
from wxlogin.guard.operators import actor, permitted, signed_in
from wxlogin.guard.passage import passage


@console.get("/account")
@permitted("me.read")
def account() -> str:
    """Show the account of the admin who is signed in."""
    who = signed_in()
    return page(
        "account", me=service.show(engines, who), sessions=service.list_sessions(engines, who)
    )


@console.get("/account/confirm")
@permitted("me.reauth")
def confirm_identity() -> str:
    """Ask for the password once more, before something grave."""
    return page("confirm_identity", totp=signed_in().admin.totp_since is not None)


@console.post("/account/confirm")
@permitted("me.reauth")
def take_password() -> Response:
    """Take the password, and go back to what asked for it."""
    service.reauthenticate(engines, signed_in(), sent(ReauthBody), passage())
    return back_to(request.args.get("back", ""))


@console.get("/account/password")
@permitted("me.password")
def password() -> str:
    """Ask for another password."""
    return page("password")


@console.post("/account/password")
@permitted("me.password")
def change_password() -> Response:
    """Replace the password."""
    service.change_password(engines, signed_in(), sent(PasswordBody), actor(), passage())
    return done(
        url_for("console.account"),
        gettext("Your password is changed. You are signed out everywhere else."),
    )


@console.get("/account/sessions/<id>/end")
@permitted("me.sessions")
def ask_end_own_session(id: str) -> str:  # noqa: A002  the API's word
    """Ask whether to end one of my sign-ins."""
    return ask(
        Question(
            gettext("End this sign-in of yours?"),
            gettext("The browser there is signed out at once."),
            gettext("End the sign-in"),
            url_for("console.account"),
        ),
        thing=id,
    )


@console.post("/account/sessions/<id>/end")
@permitted("me.sessions")
def end_own_session(id: str) -> Response:  # noqa: A002  the API's word
    """End one of my sign-ins."""
    ended = service.end_session(engines, signed_in(), id, actor())
    text = ngettext("%(num)s sign-in ended.", "%(num)s sign-ins ended.", ended)
    return done(url_for("console.account"), text)
