"""Signing in and out."""

from __future__ import annotations

from typing import NamedTuple

from config import Settings
from wxlogin import user_agents
from wxlogin.admin.access_events import report, reporting_guesses
from wxlogin.admin.account.sign_in_schemas import (
    Challenge,
    Me,
    PasskeyAnswer,
    SignedInAnswer,
    SignInBody,
)
from wxlogin.guard.admin_gate import SignedIn, must_enrol
from wxlogin.guard.client_address import address_key
from wxlogin.guard.request_context import RequestInfo
from wxlogin.limits.errors import RateLimited
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.models import Admin
from wxlogin.operators import Operators
from wxlogin.operators.admin_sessions import AdminSessions
from wxlogin.operators.admins import Admins
from wxlogin.operators.credentials import has_second_factor
from wxlogin.operators.errors import CredentialsInvalid
from wxlogin.operators.passkey_challenges import PasskeyChallenges
from wxlogin.operators.passkeys import Assertion, RelyingParty
from wxlogin.services import Watch
from wxlogin.sessions.tokens import csrf_token
from wxlogin.watch.audit import Actor, Audit
from wxlogin.watch.events import Kind
from wxlogin.watch.recorder import Recorder

SIGN_INS = ("admin.sign_in", "admin.accept_invitation")
"""The acts that begin a session."""
NEW_ADDRESS = "new_address"
"""What the audit trail says of a sign-in from an address that it did not know."""


class NewSession(NamedTuple):
    """A session that was created: the value of its cookie, and the answer to the admin."""

    cookie: str
    answer: SignedInAnswer


def sign_in(
    settings: Settings,
    operators: Operators,
    rates: RateLimits,
    watch: Watch,
    body: SignInBody,
    info: RequestInfo,
    party: RelyingParty,
) -> NewSession:
    """Create a session for a name, password and second factor.

    CREDENTIALS_INVALID if any is wrong.

    Address and name are counted before a hash is computed.
    """
    _count_attempt(rates, watch.audit, body.username, info)
    actor = Actor(f"admin:{body.username}", info.address, info.request_id)
    passkey = assertion(operators.challenges, body.passkey, party)
    admin, fingerprint = _authenticate(operators.admins, watch.recorder, actor, body, passkey)
    detail: dict[str, str | bool] = {**device_detail(info)}
    if admin.last_login_at and not _came_before(watch.audit, admin.name, info):
        report(watch.recorder, Kind.ADMIN_SIGNED_IN_ELSEWHERE, actor)
        detail[NEW_ADDRESS] = True
    with watch.audit.act(actor, "admin.sign_in", target(admin), detail=detail):
        return begin_session(settings, operators, admin, fingerprint, info)


def begin_session(
    settings: Settings, operators: Operators, admin: Admin, fingerprint: str, info: RequestInfo
) -> NewSession:
    """Create a session of an admin who has proven who they are."""
    agent = user_agents.read(info.user_agent)
    cookie, ref = operators.sessions.create(admin.public_id, fingerprint, info.address, agent)
    operators.admins.record_sign_in(admin)
    answer = SignedInAnswer(
        admin=admin_identity(admin),
        csrf_token=csrf_token(ref),
        must_enrol=must_enrol(settings, admin),
        must_change_password=bool(admin.must_change_password),
    )
    return NewSession(cookie, answer)


def device_detail(info: RequestInfo) -> dict[str, str]:
    """Return the browser and the system of a request as the audit trail keeps them, if known."""
    agent = user_agents.read(info.user_agent)
    return {name: word for name, word in agent._asdict().items() if word}


def begin_with_passkey(
    operators: Operators, rates: RateLimits, info: RequestInfo, party: RelyingParty
) -> Challenge:
    """Return a challenge; nothing is asked of whoever begins, so that no account shows."""
    rates.hit(info.address_key, "admin_ip")
    return _challenge(operators, party)


def begin_reauthentication(
    operators: Operators, rates: RateLimits, who: SignedIn, party: RelyingParty
) -> Challenge:
    """Return a challenge for a password that is given again; it counts for this session alone."""
    rates.hit(f"challenge {who.session.sid}", "admin_name")
    return _challenge(operators, party)


def assertion(
    challenges: PasskeyChallenges, answer: PasskeyAnswer | None, party: RelyingParty
) -> Assertion | None:
    """Return what a passkey signed, None without one; CredentialsInvalid without its challenge."""
    if answer is None:
        return None
    challenge = challenges.take_sign_in(answer.attempt)
    if challenge is None:
        raise CredentialsInvalid
    return Assertion(answer.credential, challenge, party)


def count_reauthentication(rates: RateLimits, who: SignedIn) -> None:
    """Count a password that a session gives again: nobody else can use its attempts up."""
    rates.hit(f"session {who.session.sid}", "admin_name")


def sign_out(sessions: AdminSessions, audit: Audit, who: SignedIn, actor: Actor) -> int:
    """End the session of this request; return how many were ended."""
    with audit.act(actor, "admin.sign_out", target(who.admin)):
        return sessions.end(who.admin.public_id, who.session.sid)


def admin_identity(admin: Admin) -> Me:
    """Return an admin as the API shows them to themselves."""
    return Me(
        id=admin.public_id,
        name=admin.name,
        role=admin.role,
        totp=has_second_factor(admin),
    )


def target(admin: Admin) -> str:
    """Return the audit trail's name of an admin."""
    return f"admin:{admin.name}"


def _challenge(operators: Operators, party: RelyingParty) -> Challenge:
    attempt, challenge = operators.challenges.for_sign_in()
    return Challenge(attempt=attempt, options=operators.passkeys.request_options(party, challenge))


def _authenticate(
    admins: Admins, recorder: Recorder, actor: Actor, body: SignInBody, passkey: Assertion | None
) -> tuple[Admin, str]:
    """Return the admin and the fingerprint of their credentials; report guessed codes."""
    with reporting_guesses(recorder, actor):
        admin, fingerprint, by_recovery_code = admins.authenticate(
            body.username, body.password, body.otp, passkey
        )
    if by_recovery_code:
        report(recorder, Kind.ADMIN_RECOVERY_CODE_USED, actor)
    return admin, fingerprint


def _count_attempt(rates: RateLimits, audit: Audit, name: str, info: RequestInfo) -> None:
    """Count a password that is about to be checked; RATE_LIMITED over the limits.

    The narrow limit counts a name from one address: an outsider who knows the name of an admin
    cannot keep the admin out from elsewhere. One who has many addresses fills the wide limit, so
    that does not hold for an address from which the admin has signed in before.
    """
    rates.hit(info.address_key, "admin_ip")
    rates.hit(f"{name} {info.address_key}", "admin_name")
    try:
        rates.hit(name, "admin_name_wide")
    except RateLimited:
        if not _came_before(audit, name, info):
            raise


def _came_before(audit: Audit, name: str, info: RequestInfo) -> bool:
    """Return whether an admin of this name has signed in from this address, IPv6 from its /64."""
    known = audit.addresses(f"admin:{name}", SIGN_INS)
    return info.address_key in map(address_key, known)
