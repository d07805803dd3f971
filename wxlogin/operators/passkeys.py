"""Passkeys of admins (WebAuthn): a second factor beside the password that cannot be phished.

A passkey is discoverable, so that a sign-in names no account before the password is checked, and
its owner is verified, by a PIN or a finger.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import webauthn
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from wxlogin.clock import Clock, utc_now
from wxlogin.database import lock_rows
from wxlogin.models import Admin, AdminPasskey
from wxlogin.operators.errors import PasskeyNotFound, PasskeyRefused, TooManyPasskeys
from wxlogin.operators.second_factor import ISSUER
from wxlogin.sessions.tokens import new_public_id

MOST = 10
"""Passkeys that an admin can have."""

Json = dict[str, Any]
Result = TypeVar("Result")
logger = logging.getLogger(__name__)


class RelyingParty(NamedTuple):
    """Whom a passkey is for: the host, and the origin of the pages that may use it."""

    id: str
    origin: str


class Assertion(NamedTuple):
    """What a passkey signed: the answer of the browser, and the challenge that it was given."""

    credential: Json
    challenge: bytes
    party: RelyingParty


class Passkeys:
    """Registers, verifies and removes passkeys."""

    def __init__(self, current_session: Callable[[], Session], clock: Clock) -> None:
        self._current_session = current_session
        self._clock = clock

    def creation_options(self, admin: Admin, party: RelyingParty, challenge: bytes) -> Json:
        """Return what `navigator.credentials.create` needs; TooManyPasskeys for the eleventh."""
        known = self.all(admin)
        if len(known) >= MOST:
            raise TooManyPasskeys
        options = webauthn.generate_registration_options(
            rp_id=party.id,
            rp_name=ISSUER,
            user_id=admin.public_id.encode(),
            user_name=admin.name,
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(base64url_to_bytes(one.credential_id))
                for one in known
            ],
        )
        return _json(options)

    def request_options(self, party: RelyingParty, challenge: bytes) -> Json:
        """Return what `navigator.credentials.get` needs: any passkey that the browser has here."""
        options = webauthn.generate_authentication_options(
            rp_id=party.id,
            challenge=challenge,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return _json(options)

    def register(self, admin: Admin, name: str, made: Assertion) -> AdminPasskey:
        """Keep a new passkey; PasskeyRefused if the browser's answer does not hold."""
        verified = _verified(
            lambda: webauthn.verify_registration_response(
                credential=made.credential,
                expected_challenge=made.challenge,
                expected_rp_id=made.party.id,
                expected_origin=made.party.origin,
                require_user_verification=True,
            )
        )
        if verified is None:
            raise PasskeyRefused
        session, now = self._current_session(), utc_now(self._clock)
        passkey = AdminPasskey(
            public_id=new_public_id(),
            admin_id=admin.id,
            name=name,
            credential_id=bytes_to_base64url(verified.credential_id),
            public_key=bytes_to_base64url(verified.credential_public_key),
            sign_count=verified.sign_count,
            created_at=now,
        )
        lock_rows(session, Admin, Admin.id == admin.id)
        session.add(passkey)
        admin.passkey_since = admin.passkey_since or now
        session.commit()
        return passkey

    def accepts(self, admin: Admin, assertion: Assertion) -> bool:
        """Return whether one of the admin's passkeys signed; its use is recorded."""
        found = [
            one for one in self.all(admin) if one.credential_id == assertion.credential.get("id")
        ]
        if not found:
            return False
        passkey = found[0]
        verified = _verified(
            lambda: webauthn.verify_authentication_response(
                credential=assertion.credential,
                expected_challenge=assertion.challenge,
                expected_rp_id=assertion.party.id,
                expected_origin=assertion.party.origin,
                credential_public_key=base64url_to_bytes(passkey.public_key),
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        )
        return verified is not None and self._record_use(passkey, verified.new_sign_count)

    def all(self, admin: Admin) -> Sequence[AdminPasskey]:
        """Return an admin's passkeys, oldest first."""
        own = select(AdminPasskey).where(AdminPasskey.admin_id == admin.id)
        query = own.order_by(AdminPasskey.id).execution_options(populate_existing=True)
        return self._current_session().scalars(query).all()

    def remove(self, admin: Admin, public_id: str) -> None:
        """Remove one of the admin's passkeys; PasskeyNotFound if there is none of this id."""
        session = self._current_session()
        lock_rows(session, Admin, Admin.id == admin.id)
        own = AdminPasskey.admin_id == admin.id
        one = own, AdminPasskey.public_id == public_id
        if session.scalar(select(AdminPasskey.id).where(*one)) is None:
            session.rollback()
            raise PasskeyNotFound
        session.execute(delete(AdminPasskey).where(*one))
        if not session.scalar(select(func.count()).select_from(AdminPasskey).where(own)):
            admin.passkey_since = None
        session.commit()

    def remove_all(self, admin: Admin) -> None:
        """Remove all passkeys of an admin who lost them; the caller commits."""
        self._current_session().execute(
            delete(AdminPasskey).where(AdminPasskey.admin_id == admin.id)
        )
        admin.passkey_since = None

    def _record_use(self, passkey: AdminPasskey, count: int) -> bool:
        """Store the count under the row's lock; False if another use stored one meanwhile."""
        session, own, before = self._current_session(), passkey.id, passkey.sign_count
        lock_rows(session, AdminPasskey, AdminPasskey.id == own)
        unchanged = AdminPasskey.id == own, AdminPasskey.sign_count == before
        found = session.scalar(select(AdminPasskey.id).where(*unchanged))
        if found is not None:
            used = update(AdminPasskey).where(AdminPasskey.id == own)
            session.execute(used.values(sign_count=count, last_used_at=utc_now(self._clock)))
        session.commit()
        return found is not None


def _json(options: Any) -> Json:
    found: Json = json.loads(webauthn.options_to_json(options))
    return found


def _verified(verify: Callable[[], Result]) -> Result | None:
    """Return what the library found; None if the browser's answer does not hold."""
    try:
        return verify()
    except Exception as fault:  # the answer is a stranger's, and each parser has its own errors
        logger.info("a passkey is refused: %s", type(fault).__name__)
        return None
