"""What admins do to their own accounts."""

from __future__ import annotations

from config import Settings
from wxlogin import errors
from wxlogin.admin.access_events import report, reporting_guesses
from wxlogin.admin.account.schemas import EnrolmentAnswer, PasswordBody, ReauthBody
from wxlogin.admin.account.sign_in import (
    admin_identity,
    assertion,
    count_reauthentication,
    target,
)
from wxlogin.admin.account.sign_in_schemas import MeAnswer
from wxlogin.clock import Clock, milliseconds
from wxlogin.errors import ApiError
from wxlogin.guard.admin_gate import SignedIn, must_enrol, require_fresh
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.operators import Operators
from wxlogin.operators.admin_sessions import REAUTH_MS, AdminSessions
from wxlogin.operators.admins import Admins
from wxlogin.operators.credentials import credentials_fingerprint, has_second_factor
from wxlogin.operators.errors import WrongCode
from wxlogin.operators.passkeys import RelyingParty
from wxlogin.operators.permissions import permissions_of
from wxlogin.services import Limits
from wxlogin.watch.audit import Actor, Audit
from wxlogin.watch.events import Kind
from wxlogin.watch.recorder import Recorder


def show(settings: Settings, clock: Clock, who: SignedIn) -> MeAnswer:
    """Return the account, its permissions, and the CSRF token of the session."""
    left = who.session.reauth_until - milliseconds(clock)
    return MeAnswer(
        admin=admin_identity(who.admin),
        csrf_token=who.csrf_token,
        must_enrol=must_enrol(settings, who.admin),
        must_change_password=bool(who.admin.must_change_password),
        permissions=permissions_of(who.admin.role),
        reauth_expires_in=max(0, left // 1000),
        recovery_codes_left=len(who.admin.recovery_codes.split()),
    )


def reauthenticate(
    operators: Operators,
    limits: Limits,
    recorder: Recorder,
    who: SignedIn,
    body: ReauthBody,
    actor: Actor,
    party: RelyingParty,
) -> int:
    """Check the password once more; return for how many seconds it counts as just given.

    Attempts count for this session alone: nobody elsewhere can use them up.
    """
    count_reauthentication(limits.rates, who)
    operators.sessions.require_no_delay(who.session)
    with reporting_guesses(recorder, actor):
        by_recovery_code = _confirm(operators, who, body, party)
    if by_recovery_code:
        report(recorder, Kind.ADMIN_RECOVERY_CODE_USED, actor)
    now = milliseconds(limits.rates.clock)
    operators.sessions.update(who.session, reauth=now, wrong_codes=0)
    return REAUTH_MS // 1000


def change_password(
    operators: Operators,
    rates: RateLimits,
    audit: Audit,
    who: SignedIn,
    body: PasswordBody,
    actor: Actor,
) -> int:
    """Replace the password and end the admin's other sessions; return how many."""
    count_reauthentication(rates, who)
    operators.admins.require_password(who.admin, body.password)
    if who.admin.must_change_password and body.new_password == body.password:
        raise ApiError(
            errors.INVALID_REQUEST, fields=[("new_password", "should differ from the one before")]
        )
    with audit.act(actor, "admin.password", target(who.admin)) as act:
        operators.admins.set_password(who.admin, body.new_password, field="new_password")
        act.detail["ended"] = end_others(operators.sessions, who)
    return int(act.detail["ended"])


def begin_enrolment(
    operators: Operators, settings: Settings, clock: Clock, who: SignedIn
) -> EnrolmentAnswer:
    """Make a new second factor; the one in use stays in use until this one is confirmed.

    That has to be within five minutes.
    """
    if not must_enrol(settings, who.admin):
        require_fresh(who)
    fresh = operators.second_factor.enrol(who.admin.public_id, who.admin.name)
    now = milliseconds(clock)
    operators.sessions.update(who.session, enrolling=fresh.sealed, enrolling_at=now)
    return EnrolmentAnswer(secret=fresh.secret, uri=fresh.uri, qr_svg=fresh.qr_svg)


def confirm_enrolment(
    operators: Operators,
    rates: RateLimits,
    audit: Audit,
    who: SignedIn,
    otp: str,
    actor: Actor,
) -> list[str]:
    """Require the new second factor from now on; return the recovery codes.

    The admin's other sessions end.
    """
    if not who.session.enrolling:
        raise ApiError(
            errors.INVALID_REQUEST, fields=[("otp", "has no fresh second factor: POST me/totp")]
        )
    count_reauthentication(rates, who)
    with audit.act(actor, "admin.totp", target(who.admin)) as act:
        sealed = who.session.enrolling
        codes = operators.admins.confirm_second_factor(who.admin, sealed, otp)
        act.detail["ended"] = end_others(operators.sessions, who)
    return codes


def renew_recovery_codes(admins: Admins, audit: Audit, who: SignedIn, actor: Actor) -> list[str]:
    """Return new recovery codes; the codes before are void."""
    if not has_second_factor(who.admin):
        raise ApiError(errors.NOT_FOUND, "There is no second factor: POST /admin/api/me/totp.")
    with audit.act(actor, "admin.recovery_codes", target(who.admin)):
        return admins.renew_recovery_codes(who.admin)


def end_session(
    sessions: AdminSessions, audit: Audit, who: SignedIn, sid: str, actor: Actor
) -> int:
    """End one of the admin's own sessions; NOT_FOUND if they have none of this id."""
    detail = {"session": sid}
    with audit.act(actor, "admin.sign_out", target(who.admin), detail=detail):
        ended = sessions.end(who.admin.public_id, sid)
        if not ended:
            raise ApiError(errors.NOT_FOUND, "You have no session of this id.")
    return ended


def _confirm(operators: Operators, who: SignedIn, body: ReauthBody, party: RelyingParty) -> bool:
    """Check password and second factor; return whether it was a recovery code."""
    passkey = assertion(operators.challenges, body.passkey, party)
    try:
        return operators.admins.confirm(who.admin, body.password, body.otp, passkey)
    except WrongCode:
        operators.sessions.count_wrong_code(who.session)
        raise


def end_others(sessions: AdminSessions, who: SignedIn) -> int:
    """Bind this session to the changed account and end the others; return how many."""
    fingerprint = credentials_fingerprint(who.admin)
    sessions.update(who.session, credentials_fingerprint=fingerprint, enrolling="")
    return sessions.end_all(who.admin.public_id, except_sid=who.session.sid)
