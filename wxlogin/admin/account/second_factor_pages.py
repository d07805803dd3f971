"""The pages of the second factor: enrolling it, and its recovery codes, which are shown once."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from wxlogin.admin.account import service
from wxlogin.admin.account.schemas import ConfirmBody
from wxlogin.admin.console.actions import Question, Subject, action
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import form_data
from wxlogin.admin.console.layout import page
from wxlogin.guard.admin_gate import actor, must_enrol, permitted, signed_in
from wxlogin.services import services

OWN_ACCOUNT = Subject(name=lambda: "", back=lambda: url_for("console.account"))


@console.get("/account/second-factor")
@permitted("me.totp")
def second_factor() -> str:
    """Explain what a second factor is, and offer one."""
    who = signed_in()
    return page("second_factor", required=must_enrol(services.settings, who.admin))


@console.post("/account/second-factor")
@permitted("me.totp")
def enrol() -> str:
    """Show a new second factor, this once."""
    fresh = service.begin_enrolment(
        services.operators, services.settings, services.clock, signed_in()
    )
    # segno draws the picture, from our own URI only.
    qr = Markup(fresh.qr_svg)  # noqa: S704
    return page("enrolment", fresh=fresh, qr=qr)


@console.get("/account/second-factor/confirm")
@permitted("me.totp")
def ask_code() -> str:
    """Ask for a code of the new second factor once more."""
    return page("enrolment", fresh=None)


@console.post("/account/second-factor/confirm")
@permitted("me.totp")
def confirm() -> str:
    """Check the first code; show the recovery codes, this once."""
    codes = service.confirm_enrolment(
        services.operators,
        services.limits.rates,
        services.watch.audit,
        signed_in(),
        form_data(ConfirmBody).otp,
        actor(),
    )
    return page("recovery_codes", codes=codes)


@action(
    "/account/recovery-codes",
    "me.recovery",
    OWN_ACCOUNT,
    Question(
        _("Generate new recovery codes?"),
        _("The codes you have are worth nothing from then on."),
        _("Generate new codes"),
    ),
    ask_endpoint="ask_recovery_codes",
)
def renew_recovery_codes() -> str:
    """Show new recovery codes, this once."""
    admins, audit = services.operators.admins, services.watch.audit
    codes = service.renew_recovery_codes(admins, audit, signed_in(), actor())
    return page("recovery_codes", codes=codes)
