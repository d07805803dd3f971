"""Accepting an invitation: the password of a new account, and its first session."""

from __future__ import annotations

from config import Settings
from wxlogin.admin.account.sign_in import NewSession, begin_session, device_detail, target
from wxlogin.admin.account.sign_in_schemas import AcceptBody
from wxlogin.guard.request_context import RequestInfo
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.operators import Operators
from wxlogin.operators.credentials import credentials_fingerprint
from wxlogin.watch.audit import Actor, Audit


def accept(
    settings: Settings,
    operators: Operators,
    rates: RateLimits,
    audit: Audit,
    body: AcceptBody,
    info: RequestInfo,
) -> NewSession:
    """Set the password of who was invited and sign them in.

    CREDENTIALS_INVALID if the invitation is wrong, used or over. Where a second factor is required
    the session is good for enrolling one alone.
    """
    rates.hit(info.address_key, "admin_ip")
    invited = operators.invitations.of(body.invitation)
    actor = Actor(f"admin:{invited.name}", info.address, info.request_id)
    act = audit.act(actor, "admin.accept_invitation", target(invited), detail=device_detail(info))
    with act:
        admin = operators.invitations.accept(invited, body.invitation, body.password)
        return begin_session(settings, operators, admin, credentials_fingerprint(admin), info)
