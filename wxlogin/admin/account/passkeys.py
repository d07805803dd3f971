"""What admins do with their own passkeys."""

from __future__ import annotations

from wxlogin.admin.account.schemas import (
    NewPasskey,
    NewPasskeyBody,
    PasskeyItem,
    PasskeyOptions,
)
from wxlogin.admin.account.service import end_others
from wxlogin.admin.account.sign_in import target
from wxlogin.admin.times import iso_or_none, iso_time
from wxlogin.guard.admin_gate import SignedIn
from wxlogin.models import AdminPasskey
from wxlogin.operators import Operators
from wxlogin.operators.credentials import has_second_factor
from wxlogin.operators.errors import PasskeyRefused
from wxlogin.operators.passkeys import Assertion, Passkeys, RelyingParty
from wxlogin.watch.audit import Actor, Audit


def list_passkeys(passkeys: Passkeys, who: SignedIn) -> list[PasskeyItem]:
    """Return the admin's passkeys, oldest first."""
    return [_item(one) for one in passkeys.all(who.admin)]


def begin(operators: Operators, who: SignedIn, party: RelyingParty) -> PasskeyOptions:
    """Return what the browser needs to make a passkey."""
    challenge = operators.challenges.for_registration(who.session.sid)
    options = operators.passkeys.creation_options(who.admin, party, challenge)
    return PasskeyOptions(options=options)


def register(
    operators: Operators,
    audit: Audit,
    who: SignedIn,
    body: NewPasskeyBody,
    actor: Actor,
    party: RelyingParty,
) -> NewPasskey:
    """Keep a new passkey; the admin's other sessions end.

    The first second factor of an admin comes with recovery codes.
    """
    challenge = operators.challenges.take_registration(who.session.sid)
    if challenge is None:
        raise PasskeyRefused
    first = not has_second_factor(who.admin)
    with audit.act(actor, "admin.passkey_add", target(who.admin)) as act:
        made = Assertion(body.credential, challenge, party)
        passkey = _item(operators.passkeys.register(who.admin, body.name, made))
        codes = operators.admins.renew_recovery_codes(who.admin) if first else []
        act.detail.update(passkey=passkey.id, ended=end_others(operators.sessions, who))
    return NewPasskey(passkey=passkey, recovery_codes=codes)


def remove(operators: Operators, audit: Audit, who: SignedIn, passkey_id: str, actor: Actor) -> int:
    """Remove a passkey and end the admin's other sessions; return how many."""
    detail = {"passkey": passkey_id}
    with audit.act(actor, "admin.passkey_remove", target(who.admin), detail=detail) as act:
        operators.passkeys.remove(who.admin, passkey_id)
        act.detail["ended"] = end_others(operators.sessions, who)
    return int(act.detail["ended"])


def _item(passkey: AdminPasskey) -> PasskeyItem:
    return PasskeyItem(
        id=passkey.public_id,
        name=passkey.name,
        created_at=iso_time(passkey.created_at),
        last_used_at=iso_or_none(passkey.last_used_at),
    )
