"""Accounts of admins: how they are created, read and changed, and who may sign in."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from wxlogin.clock import Clock, utc_now
from wxlogin.database import lock_rows
from wxlogin.models import Admin
from wxlogin.operators.credentials import credentials_fingerprint, has_second_factor, require_name
from wxlogin.operators.errors import (
    AdminNotFound,
    CredentialsInvalid,
    LastOwner,
    SecondFactorGuessed,
    SignInDelayed,
    WrongCode,
)
from wxlogin.operators.new_admins import NewAdmins
from wxlogin.operators.passkeys import Assertion, Passkeys
from wxlogin.operators.passwords import Passwords
from wxlogin.operators.permissions import Role
from wxlogin.operators.second_factor import SecondFactor, create_recovery_codes, without_code
from wxlogin.operators.sign_in_delay import delay_after


class Authenticated(NamedTuple):
    """An admin whose credentials are right, and the fingerprint of the account at that time."""

    admin: Admin
    credentials_fingerprint: str
    by_recovery_code: bool


class Admins:
    """The admins in the database. A change of an account ends the sessions created before."""

    def __init__(
        self,
        current_session: Callable[[], Session],
        passwords: Passwords,
        second_factor: SecondFactor,
        passkeys: Passkeys,
        new_admins: NewAdmins,
        clock: Clock,
    ) -> None:
        self._current_session = current_session
        self._passwords = passwords
        self._second_factor = second_factor
        self._passkeys = passkeys
        self._clock = clock
        self._new = new_admins

    def create(
        self, name: str, role: Role, password: str, *, must_change_password: bool = False
    ) -> Admin:
        """Create an account; raises NameInvalid, NameTaken or WeakPassword."""
        require_name(name)
        password_hash = self._new.hash(password, name)
        return self._new.add(name, role, password_hash, must_change_password=must_change_password)

    def get_or_none(self, public_id: str) -> Admin | None:
        """Return an admin by public id, freshly read from the database, or None."""
        return self._get(Admin.public_id == public_id)

    def get(self, public_id: str) -> Admin:
        """Return an admin by public id; AdminNotFound if there is none."""
        admin = self.get_or_none(public_id)
        if admin is None:
            raise AdminNotFound("There is no admin of this id.")
        return admin

    def get_by_name(self, name: str) -> Admin:
        """Return an admin by name; AdminNotFound if there is none."""
        admin = self._get(Admin.name == name)
        if admin is None:
            raise AdminNotFound("There is no admin of this name.")
        return admin

    def all(self) -> Sequence[Admin]:
        """Return all admins, by name."""
        return self._current_session().scalars(select(Admin).order_by(Admin.name)).all()

    def exists(self) -> bool:
        """Return whether there is any admin."""
        return self._current_session().scalar(select(Admin.id).limit(1)) is not None

    def authenticate(
        self, name: str, password: str, otp: str | None, passkey: Assertion | None = None
    ) -> Authenticated:
        """Return the admin with these credentials; CredentialsInvalid if anything is wrong.

        Exactly one hash is computed, whether the name exists or not. A one-time code is used up.
        After five wrong codes in a row that came with the right password, raises
        SecondFactorGuessed, and then SignInDelayed until the name may be tried again.
        """
        admin = self._get(Admin.name == name)
        self._require_no_delay(admin)
        before = credentials_fingerprint(admin) if admin else ""
        recovery_codes = admin.recovery_codes if admin else ""
        matches = self._matches(password, admin)
        if admin is None or not matches or admin.disabled_at:
            raise CredentialsInvalid
        self._lock(admin)
        if not self._accepts(admin, otp, passkey):
            self._count_wrong_code(admin, tried=bool(otp or passkey))
            raise CredentialsInvalid
        self._update(admin, wrong_codes=0, locked_until=None)
        return Authenticated(admin, before, admin.recovery_codes != recovery_codes)

    def confirm(
        self, admin: Admin, password: str, otp: str | None, passkey: Assertion | None = None
    ) -> bool:
        """Check the credentials of an admin who is signed in; return whether by a recovery code.

        Nothing that is tried under the admin's name elsewhere delays this, and a wrong code here
        delays nobody elsewhere. Raises CredentialsInvalid, or WrongCode if only the code is wrong.
        """
        recovery_codes = admin.recovery_codes
        self.require_password(admin, password)
        if not self._accepts(admin, otp, passkey):
            raise WrongCode if otp or passkey else CredentialsInvalid
        return admin.recovery_codes != recovery_codes

    def record_sign_in(self, admin: Admin) -> None:
        """Save the time of a sign-in."""
        self._update(admin, last_login_at=utc_now(self._clock))

    def require_password(self, admin: Admin, password: str) -> None:
        """Raise CredentialsInvalid unless this is the admin's password."""
        if not self._matches(password, admin):
            raise CredentialsInvalid("The password is wrong.")

    def set_password(
        self,
        admin: Admin,
        password: str,
        field: str = "password",
        *,
        must_change: bool = False,
    ) -> None:
        """Replace the password; WeakPassword, with the name of this field, for a weak one.

        An invitation that was not accepted yet is void then. With `must_change` nothing is allowed
        before the admin has replaced this one.
        """
        hashed = self._new.hash(password, admin.name, field)
        self._update(
            admin,
            password_hash=hashed,
            must_change_password=must_change,
            wrong_codes=0,
            locked_until=None,
            invitation_digest=None,
            invitation_until=None,
        )

    def set_role(self, admin: Admin, role: Role) -> None:
        """Change the role; LastOwner if no other owner could sign in then."""
        if role != "owner":
            self._require_another_owner(admin)
        self._update(admin, role=role)

    def set_disabled(self, admin: Admin, *, disabled: bool) -> None:
        """Forbid or allow the admin's sign-in; LastOwner if no other owner could sign in then."""
        if disabled:
            self._require_another_owner(admin)
        self._update(admin, disabled_at=utc_now(self._clock) if disabled else None)

    def confirm_second_factor(self, admin: Admin, sealed: str, otp: str) -> list[str]:
        """Turn on a second factor if the code of it is right; return the recovery codes.

        Raises CredentialsInvalid for a wrong code, and if another one was confirmed meanwhile.
        """
        step = self._second_factor.step(sealed, admin.public_id, otp.replace(" ", ""))
        if step is None:
            raise CredentialsInvalid("The one-time code is wrong.")
        codes, stored = create_recovery_codes()
        confirmed = self._update_if(
            admin,
            Admin.totp_sealed == admin.totp_sealed,
            totp_sealed=sealed,
            totp_since=utc_now(self._clock),
            totp_step=step,
            recovery_codes=stored,
        )
        if not confirmed:
            raise CredentialsInvalid("Another second factor was just confirmed.")
        return codes

    def renew_recovery_codes(self, admin: Admin) -> list[str]:
        """Replace all recovery codes; return the new ones."""
        codes, stored = create_recovery_codes()
        self._update(admin, recovery_codes=stored)
        return codes

    def delete_second_factor(self, admin: Admin) -> None:
        """Delete the second factor and all passkeys, for an admin who lost them."""
        self._passkeys.remove_all(admin)
        factor = {"totp_sealed": None, "totp_since": None, "recovery_codes": ""}
        self._update(admin, **factor, wrong_codes=0, locked_until=None)

    def _require_no_delay(self, admin: Admin | None) -> None:
        """Raise SignInDelayed if the next attempt is not due yet, whatever the password is."""
        if admin and admin.locked_until:
            left = admin.locked_until.timestamp() - self._clock()
            if left > 0:
                raise SignInDelayed(retry_after=math.ceil(left))

    def _lock(self, admin: Admin) -> None:
        """Lock the row until a code is judged: of many sign-ins at once each meets the delay."""
        own, session = Admin.id == admin.id, self._current_session()
        lock_rows(session, Admin, own)
        self._get(own)
        try:
            self._require_no_delay(admin)
        except SignInDelayed:
            session.rollback()
            raise

    def _count_wrong_code(self, admin: Admin, *, tried: bool) -> None:
        """Count a wrong code; from the fifth in a row on the next attempt is delayed, ever longer.

        A sign-in without a code only asks whether one is needed: unless `tried`, it is not counted.
        """
        if not tried:
            self._current_session().rollback()
            return
        wrong = 1 + (admin.wrong_codes or 0)
        seconds = delay_after(wrong)
        until = datetime.fromtimestamp(self._clock() + seconds, UTC) if seconds else None
        self._update(admin, wrong_codes=wrong, locked_until=until)
        if until:
            raise SecondFactorGuessed

    def _matches(self, password: str, admin: Admin | None) -> bool:
        """Return whether the password is right.

        The connection returns to the pool before the hash is computed: otherwise a flood of
        sign-ins would take all connections from the users' logins.
        """
        stored = admin.password_hash if admin else None
        self._current_session().commit()
        return self._passwords.verify(password, stored)

    def _accepts(self, admin: Admin, otp: str | None, passkey: Assertion | None) -> bool:
        """Return whether the second factor is right, if the admin has one; each code works once."""
        if not has_second_factor(admin):
            return True
        if passkey is not None:
            return self._passkeys.accepts(admin, passkey)
        given = (otp or "").replace(" ", "")
        if admin.totp_sealed is not None:
            step = self._second_factor.step(admin.totp_sealed, admin.public_id, given)
            if step is not None:
                return self._update_if(admin, Admin.totp_step < step, totp_step=step)
        left = without_code(admin.recovery_codes, given)
        if left is None:
            return False
        return self._update_if(
            admin, Admin.recovery_codes == admin.recovery_codes, recovery_codes=left
        )

    def _update_if(
        self, admin: Admin, unchanged: ColumnElement[bool], **values: int | str | datetime
    ) -> bool:
        """Update the row if a condition holds, under its lock: one of two concurrent calls wins."""
        own, session = Admin.id == admin.id, self._current_session()
        lock_rows(session, Admin, own)
        found = session.scalar(select(Admin.id).where(own, unchanged))
        if found is not None:
            row = update(Admin).where(own).execution_options(synchronize_session=False)
            session.execute(row.values(**values))
        session.commit()
        return found is not None

    def _require_another_owner(self, admin: Admin) -> None:
        """Lock all owners, so that two of them cannot demote each other at the same time."""
        owners = (
            Admin.role == "owner",
            Admin.disabled_at.is_(None),
            Admin.invitation_digest.is_(None),
        )
        session = self._current_session()
        lock_rows(session, Admin, *owners)
        if set(session.scalars(select(Admin.id).where(*owners))) == {admin.id}:
            raise LastOwner

    def _update(self, admin: Admin, **values: str | int | datetime | None) -> None:
        for column, value in values.items():
            setattr(admin, column, value)
        self._current_session().commit()

    def _get(self, condition: ColumnElement[bool]) -> Admin | None:
        query = select(Admin).where(condition).execution_options(populate_existing=True)
        return self._current_session().scalars(query).one_or_none()
