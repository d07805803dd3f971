"""What signing in and out decides."""

from __future__ import annotations

from typing import NamedTuple

from wxlogin.admin.schemas.sign_in import Me, SignedInAnswer, SignInBody
from wxlogin.engines import Engines
from wxlogin.guard.operators import SignedIn, must_enrol
from wxlogin.guard.passage import Passage
from wxlogin.models import Admin
from wxlogin.sessions.tokens import csrf_token
from wxlogin.watch.audit import Actor


class Begun(NamedTuple):
    """A session that was begun: the cookie's value, and what the admin is told."""

    cookie: str
    answer: SignedInAnswer


def sign_in(engines: Engines, body: SignInBody, here: Passage) -> Begun:
    """Begin a session for a name, password and code: CREDENTIALS_INVALID whatever is wrong.

    Address and name are counted before a hash is computed.
    """
    admins = engines.operators.admins
    count_attempt(engines, body.username, here)
    admin, stamp = admins.authenticate(body.username, body.password, body.otp)
    actor = Actor(f"admin:{admin.name}", here.address, here.request_id)
    with engines.audit.act(actor, "admin.sign_in", target(admin)):
        cookie, ref = engines.operators.sessions.begin(admin.public_id, stamp, here.address)
        admins.signed_in(admin)
    answer = SignedInAnswer(
        admin=me(admin),
        csrf_token=csrf_token(ref),
        must_enrol=must_enrol(engines.settings, admin),
    )
    return Begun(cookie, answer)


def count_attempt(engines: Engines, name: str, here: Passage) -> None:
    """Count a password that is about to be checked; RATE_LIMITED over the limits."""
    engines.limits.charge_address("admin_ip", here.address_key)
    engines.limits.charge_subject("admin_name", name)


def sign_out(engines: Engines, who: SignedIn, actor: Actor) -> int:
    """End the session that asks; how many were ended."""
    with engines.audit.act(actor, "admin.sign_out", target(who.admin)):
        return engines.operators.sessions.end(who.admin.public_id, who.session.sid)


def me(admin: Admin) -> Me:
    """The admin as the API shows them."""
    return Me(
        id=admin.public_id, name=admin.name, role=admin.role, totp=admin.totp_since is not None
    )


def target(admin: Admin) -> str:
    """What the audit trail calls an admin who is acted on."""
    return f"admin:{admin.name}"
