"""The pages of the admin's own passkeys."""

from __future__ import annotations

from flask import Response, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.account import passkeys
from wxlogin.admin.account.schemas import NewPasskeyBody
from wxlogin.admin.console.actions import Question, Subject, action
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import form_data
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.notices import done
from wxlogin.guard.admin_gate import actor, permitted, signed_in
from wxlogin.guard.relying_party import relying_party
from wxlogin.services import services

OWN_PASSKEY = Subject(name=lambda _passkey: "", back=lambda _passkey: url_for("console.account"))


@console.get("/account/passkeys/new")
@permitted("me.passkey_change")
def new_passkey() -> str:
    """Ask what the passkey is called; the browser makes it."""
    return page("new_passkey")


@console.post("/account/passkeys/new")
@permitted("me.passkey_change")
def register_passkey() -> Response | str:
    """Register a passkey; show recovery codes, this once, if it is the first second factor."""
    body, party = form_data(NewPasskeyBody), relying_party(services.settings)
    audit = services.watch.audit
    made = passkeys.register(services.operators, audit, signed_in(), body, actor(), party)
    if made.recovery_codes:
        return page("recovery_codes", codes=made.recovery_codes)
    return done(url_for("console.account"), gettext("The passkey is registered."))


@action(
    "/account/passkeys/<id>/remove",
    "me.passkey_change",
    OWN_PASSKEY,
    Question(
        _("Remove this passkey?"),
        _("It signs you in no more. You are signed out everywhere else."),
        _("Remove the passkey"),
    ),
)
def remove_passkey(passkey: str) -> Response:
    """Remove a passkey."""
    passkeys.remove(services.operators, services.watch.audit, signed_in(), passkey, actor())
    return done(url_for("console.account"), gettext("The passkey is removed."))
