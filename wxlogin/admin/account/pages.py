"""The pages of the admin's own account: password, sessions, and entering the password again."""

from __future__ import annotations

from flask import Response, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.account import history, service
from wxlogin.admin.account import passkeys as passkey_service
from wxlogin.admin.account.routes import my_account
from wxlogin.admin.account.schemas import PasswordBody, ReauthBody
from wxlogin.admin.console.actions import Question, Subject, action
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import form_data, query_data
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.notices import done, redirect_to
from wxlogin.admin.paging import PageQuery
from wxlogin.guard.admin_gate import actor, permitted, signed_in
from wxlogin.guard.relying_party import relying_party
from wxlogin.operators.credentials import has_second_factor
from wxlogin.services import services

OWN_SESSION = Subject(name=lambda _session: "", back=lambda _session: url_for("console.account"))


@console.get("/account")
@permitted("me.read")
def account() -> str:
    """Show the account of the admin who is signed in.

    Who must change their password or enrol first sees no more than the API would say.
    """
    who = signed_in()
    me = service.show(services.settings, services.clock, who)
    is_whole = not (me.must_change_password or me.must_enrol)
    keys = services.operators.passkeys
    return page(
        "account",
        me=me,
        notices=history.list_notices(my_account(), who) if is_whole else [],
        sessions=history.list_sessions(my_account(), who) if is_whole else [],
        passkeys=passkey_service.list_passkeys(keys, who) if is_whole else [],
    )


@console.get("/account/sign-ins")
@permitted("me.sessions")
def sign_ins() -> str:
    """List the sign-ins to the admin's own account."""
    found = history.list_sign_ins(services.watch, signed_in(), query_data(PageQuery))
    return page("sign_ins", sign_ins=found)


@console.get("/account/confirm")
@permitted("me.reauth")
def confirm_identity() -> str:
    """Ask for the password once more, before a critical action."""
    return page("confirm_identity", totp=has_second_factor(signed_in().admin))


@console.post("/account/confirm")
@permitted("me.reauth")
def take_password() -> Response:
    """Check the password, and return to the page that required it."""
    service.reauthenticate(
        services.operators,
        services.limits,
        services.watch.recorder,
        signed_in(),
        form_data(ReauthBody),
        actor(),
        relying_party(services.settings),
    )
    return redirect_to(request.args.get("back", ""))


@console.get("/account/password")
@permitted("me.password")
def password() -> str:
    """Ask for another password."""
    return page("password")


@console.post("/account/password")
@permitted("me.password")
def change_password() -> Response:
    """Replace the password."""
    service.change_password(
        services.operators,
        services.limits.rates,
        services.watch.audit,
        signed_in(),
        form_data(PasswordBody),
        actor(),
    )
    return done(
        url_for("console.account"),
        gettext("Your password is changed. You are signed out everywhere else."),
    )


@action(
    "/account/sessions/<id>/end",
    "me.sessions",
    OWN_SESSION,
    Question(
        _("End this sign-in of yours?"),
        _("The browser there is signed out at once."),
        _("End the sign-in"),
    ),
)
def end_own_session(session: str) -> Response:
    """End one of the admin's own sessions."""
    sessions, audit = services.operators.sessions, services.watch.audit
    ended = service.end_session(sessions, audit, signed_in(), session, actor())
    text = ngettext("%(num)s sign-in ended.", "%(num)s sign-ins ended.", ended)
    return done(url_for("console.account"), text)
