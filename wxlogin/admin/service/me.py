"""What admins do to their own accounts."""

from __future__ import annotations

from dataclasses import replace

from wxlogin import errors
from wxlogin.admin.schemas.me import EnrolmentAnswer, OwnSession, PasswordBody, ReauthBody
from wxlogin.admin.schemas.sign_in import MeAnswer
from wxlogin.admin.service.sign_in import count_attempt, me, target
from wxlogin.clock import iso, milliseconds
from wxlogin.engines import Engines
from wxlogin.errors import ApiError
from wxlogin.guard.operators import SignedIn, must_enrol, require_fresh
from wxlogin.guard.passage import Passage
from wxlogin.operators.admin_sessions import REAUTH_MS
from wxlogin.operators.admins import stamp
from wxlogin.operators.permissions import permissions_of
from wxlogin.watch.audit import Actor


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


def reauthenticate(engines: Engines, who: SignedIn, body: ReauthBody, here: Passage) -> int:
    """Take the password once more; for how many seconds it counts as just given."""
    count_attempt(engines, who.admin.name, here)
    engines.operators.admins.authenticate(who.admin.name, body.password, body.otp)
    engines.operators.sessions.keep(replace(who.session, reauth=milliseconds(engines.clock)))
    return REAUTH_MS // 1000


def change_password(
    engines: Engines, who: SignedIn, body: PasswordBody, actor: Actor, here: Passage
) -> int:
    """Replace the password, and end the admin's other sessions; how many those were."""
    admins = engines.operators.admins
    count_attempt(engines, who.admin.name, here)
    admins.require_password(who.admin, body.password)
    with engines.audit.act(actor, "admin.password", target(who.admin)) as act:
        admins.set_password(who.admin, body.new_password, field="new_password")
        act.detail["ended"] = _go_on(engines, who)
    return int(act.detail["ended"])


def begin_enrolment(engines: Engines, who: SignedIn) -> EnrolmentAnswer:
    """A fresh second factor; one that is asked for at sign-in goes on until this is confirmed."""
    if not must_enrol(engines.settings, who.admin):
        require_fresh(who)
    fresh = engines.operators.second_factor.enrol(who.admin.public_id, who.admin.name)
    engines.operators.sessions.keep(replace(who.session, enrolling=fresh.sealed))
    return EnrolmentAnswer(secret=fresh.secret, uri=fresh.uri, qr_svg=fresh.qr_svg)


def confirm_enrolment(
    engines: Engines, who: SignedIn, otp: str, actor: Actor, here: Passage
) -> list[str]:
    """Ask for the fresh second factor from here on; the recovery codes. Other sessions end."""
    if not who.session.enrolling:
        raise ApiError(
            errors.INVALID_REQUEST, fields=[("otp", "has no fresh second factor: POST me/totp")]
        )
    count_attempt(engines, who.admin.name, here)
    with engines.audit.act(actor, "admin.totp", target(who.admin)) as act:
        sealed = who.session.enrolling
        codes = engines.operators.admins.confirm_second_factor(who.admin, sealed, otp)
        act.detail["ended"] = _go_on(engines, who)
    return codes


def renew_recovery_codes(engines: Engines, who: SignedIn, actor: Actor) -> list[str]:
    """Fresh recovery codes; those before are worth nothing."""
    if who.admin.totp_since is None:
        raise ApiError(errors.NOT_FOUND, "There is no second factor: POST /admin/api/me/totp.")
    with engines.audit.act(actor, "admin.recovery_codes", target(who.admin)):
        return engines.operators.admins.renew_recovery_codes(who.admin)


def list_sessions(engines: Engines, who: SignedIn) -> list[OwnSession]:
    """Where the admin is signed in, newest first."""
    return [
        OwnSession(
            id=session.sid,
            current=session.sid == who.session.sid,
            created_at=iso(session.created),
            last_seen_at=iso(session.seen),
            address=session.address,
        )
        for session in engines.operators.sessions.list(who.admin.public_id)
    ]


def end_session(engines: Engines, who: SignedIn, sid: str, actor: Actor) -> int:
    """End one of the admin's own sessions; NOT_FOUND for one that is not there."""
    with engines.audit.act(actor, "admin.sign_out", target(who.admin), detail={"session": sid}):
        ended = engines.operators.sessions.end(who.admin.public_id, sid)
        if not ended:
            raise ApiError(errors.NOT_FOUND, "You have no session of this id.")
    return ended


def _go_on(engines: Engines, who: SignedIn) -> int:
    """Let the session at hand go on with the changed account, and end the others."""
    sessions = engines.operators.sessions
    session = replace(who.session, stamp=stamp(who.admin), enrolling="")
    sessions.keep(session)
    return sessions.end_all(who.admin.public_id, but=session.sid)
