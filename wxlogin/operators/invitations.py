"""Invitations: a link, good once, with which somebody sets the password of their new account.

The database has a digest of the code; the link holds it behind `#`, which no browser sends, so that
it stands in no log.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from wxlogin.clock import Clock, utc_now
from wxlogin.database import lock_rows
from wxlogin.models import Admin
from wxlogin.operators.credentials import require_name
from wxlogin.operators.errors import AlreadyAccepted, InvitationInvalid
from wxlogin.operators.new_admins import NewAdmins
from wxlogin.operators.permissions import Role

PREFIX = "wxi_"
FORM = re.compile(r"wxi_[A-Za-z0-9_-]{43}")
LIFE = timedelta(days=3)
NO_PASSWORD = ""
"""In place of a hash: no password matches it."""


class Invitation(NamedTuple):
    """An invitation that was just made: whose account it is, its code, and until when it is good.

    The code is known here alone: it is shown once.
    """

    admin: Admin
    code: str
    until: datetime


class Invitations:
    """Makes invitations and lets those who were invited in."""

    def __init__(
        self, current_session: Callable[[], Session], new_admins: NewAdmins, clock: Clock
    ) -> None:
        self._current_session = current_session
        self._new_admins = new_admins
        self._clock = clock

    def create(self, name: str, role: Role) -> Invitation:
        """Create an account without a password; raises NameInvalid or NameTaken."""
        require_name(name)
        code, until = _code(), utc_now(self._clock) + LIFE
        admin = self._new_admins.add(
            name, role, NO_PASSWORD, invitation_digest=_digest(code), invitation_until=until
        )
        return Invitation(admin, code, until)

    def renew(self, admin: Admin) -> Invitation:
        """Replace an invitation that was not accepted yet; AlreadyAccepted if it was."""
        code, until = _code(), utc_now(self._clock) + LIFE
        session = self._current_session()
        invited = self._locked(Admin.id == admin.id)
        if invited is None or invited.invitation_digest is None:
            session.rollback()
            raise AlreadyAccepted
        invited.invitation_digest, invited.invitation_until = _digest(code), until
        session.commit()
        return Invitation(invited, code, until)

    def of(self, code: str) -> Admin:
        """Return who a code invites; InvitationInvalid if it is wrong, used or over."""
        if not FORM.fullmatch(code):
            raise InvitationInvalid
        session = self._current_session()
        admin = session.scalar(_fresh(Admin.invitation_digest == _digest(code)))
        session.commit()  # returns the connection: the trail writes over one of its own next
        if admin is None or not self._is_good(admin):
            raise InvitationInvalid
        return admin

    def accept(self, invited: Admin, code: str, password: str) -> Admin:
        """Set the password of the one whom `of` named, once; return their account.

        Raises InvitationInvalid if the code is not theirs any more, or WeakPassword, which does not
        use the invitation up.
        """
        password_hash = self._new_admins.hash(password, invited.name)
        session = self._current_session()
        admin = self._locked(Admin.id == invited.id)
        if admin is None or admin.invitation_digest != _digest(code) or not self._is_good(admin):
            session.rollback()
            raise InvitationInvalid
        admin.password_hash = password_hash
        admin.invitation_digest = admin.invitation_until = None
        session.commit()
        return admin

    def _is_good(self, admin: Admin) -> bool:
        until = admin.invitation_until
        return not admin.disabled_at and until is not None and utc_now(self._clock) < until

    def _locked(self, own: ColumnElement[bool]) -> Admin | None:
        """Return the account under its lock: of two who accept at once one finds the digest."""
        session = self._current_session()
        lock_rows(session, Admin, own)
        return session.scalar(_fresh(own))


def _fresh(condition: ColumnElement[bool]) -> Select[Admin]:
    return select(Admin).where(condition).execution_options(populate_existing=True)


def _code() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def _digest(code: str) -> str:
    """Return the digest of a code, whose 256 random bits nobody can search."""
    return hashlib.sha256(code.encode()).hexdigest()
