"""What admins do to their own accounts."""

from __future__ import annotations

from wxlogin.admin.schemas.sign_in import MeAnswer
from wxlogin.admin.service.sign_in import me
from wxlogin.clock import milliseconds
from wxlogin.engines import Engines
from wxlogin.guard.operators import SignedIn, must_enrol
from wxlogin.operators.permissions import permissions_of


def show(engines: Engines, who: SignedIn) -> MeAnswer:
    """The account, what it may do, and the CSRF token of the session."""
    left = who.session.reauth_until - milliseconds(engines.clock)
    return MeAnswer(
        admin=me(who.admin),
        csrf_token=who.csrf_token,
        must_enrol=must_enrol(engines.settings, who.admin),
        permissions=permissions_of(who.admin.role),
        reauth_expires_in=max(0, left // 1000),
        recovery_codes_left=len(who.admin.recovery_codes.split()),
    )
