"""The second factor: enrolling it, and its recovery codes, which are shown once."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext
from markupsafe import Markup

from wxlogin.admin.console.acts import Question, ask
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import sent
from wxlogin.admin.console.pages import page
from wxlogin.admin.schemas.me import ConfirmBody
from wxlogin.admin.service import me as service
from wxlogin.engines import engines
from wxlogin.guard.operators import actor, must_enrol, permitted, signed_in
from wxlogin.guard.passage import passage


@console.get("/account/second-factor")
@permitted("me.totp")
def second_factor() -> str:
    """Say what a second factor is, and offer one."""
    who = signed_in()
    return page("second_factor", required=must_enrol(engines.settings, who.admin))


@console.post("/account/second-factor")
@permitted("me.totp")
def enrol() -> str:
    """Show a fresh second factor, this once."""
    fresh = service.begin_enrolment(engines, signed_in())
    # segno draws it, of our own words alone.
    qr = Markup(fresh.qr_svg)  # noqa: S704 # nosec B704
    return page("enrolment", fresh=fresh, qr=qr)


@console.get("/account/second-factor/confirm")
@permitted("me.totp")
def ask_code() -> str:
    """Ask for a code of the fresh second factor once more."""
    return page("enrolment", fresh=None)


@console.post("/account/second-factor/confirm")
@permitted("me.totp")
def confirm() -> str:
    """Take the first code; show the recovery codes, this once."""
    otp = sent(ConfirmBody).otp
    codes = service.confirm_enrolment(engines, signed_in(), otp, actor(), passage())
    return page("recovery_codes", codes=codes)


@console.get("/account/recovery-codes")
@permitted("me.recovery")
def ask_recovery_codes() -> str:
    """Ask whether to replace the recovery codes."""
    return ask(
        Question(
            gettext("Make new recovery codes?"),
            gettext("The codes you have are worth nothing from then on."),
            gettext("Make new codes"),
            url_for("console.account"),
        )
    )


@console.post("/account/recovery-codes")
@permitted("me.recovery")
def renew_recovery_codes() -> str:
    """Show fresh recovery codes, this once."""
    return page("recovery_codes", codes=service.renew_recovery_codes(engines, signed_in(), actor()))
