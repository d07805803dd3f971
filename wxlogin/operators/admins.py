"""Accounts of admins: made, found, changed; who may sign in."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from wxlogin import errors
from wxlogin.clock import Clock
from wxlogin.errors import ApiError
from wxlogin.extensions import db
from wxlogin.models import Admin
from wxlogin.operators.passwords import Passwords
from wxlogin.operators.permissions import Role
from wxlogin.operators.second_factor import SecondFactor, recovery_codes, without_code
from wxlogin.sessions.tokens import random_tag

NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


class Authenticated(NamedTuple):
    """An admin whose credentials are right, and what the account looked like when they were."""

    admin: Admin
    stamp: str


class Admins:
    """The admins of the database. Every change of one ends the sessions begun before it."""

    def __init__(self, passwords: Passwords, second_factor: SecondFactor, clock: Clock) -> None:
        self._passwords = passwords
        self._second_factor = second_factor
        self._clock = clock

    def create(self, name: str, role: Role, password: str) -> Admin:
        """Make an account; INVALID_REQUEST for a name that is taken or a weak password."""
        require_name(name)
        self._require_strong(password, name)
        admin = Admin(
            public_id=random_tag(),
            name=name,
            role=role,
            password_hash=self._passwords.hash(password),
            created_at=self._now(),
        )
        db.session.add(admin)
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            raise _wrong("name", "is taken") from None
        return admin

    def find(self, public_id: str) -> Admin | None:
        """An admin by the public id, as the database has it at this moment."""
        return self._one(Admin.public_id == public_id)

    def known(self, public_id: str) -> Admin:
        """As `find`; NOT_FOUND where there is none."""
        admin = self.find(public_id)
        if admin is None:
            raise ApiError(errors.NOT_FOUND, "There is no admin of this id.")
        return admin

    def any(self) -> bool:
        """Whether there is an admin at all."""
        return db.session.scalar(select(Admin.id).limit(1)) is not None

    def authenticate(self, name: str, password: str, otp: str | None) -> Authenticated:
        """The admin of a name, password and one-time code; CREDENTIALS_INVALID for all else.

        One hash is computed, whoever the name is. A code is spent by this.
        """
        admin = self._one(Admin.name == name)
        before = stamp(admin) if admin else ""
        holds = self._holds(password, admin)
        if admin is None or not holds or admin.disabled_at or not self._takes(admin, otp):
            raise ApiError(errors.CREDENTIALS_INVALID)
        return Authenticated(admin, before)

    def signed_in(self, admin: Admin) -> None:
        """Note the time of a sign-in."""
        self._change(admin, last_login_at=self._now())

    def require_password(self, admin: Admin, password: str) -> None:
        """CREDENTIALS_INVALID unless this is the admin's password."""
        if not self._holds(password, admin):
            raise ApiError(errors.CREDENTIALS_INVALID, "The password is wrong.")

    def set_password(self, admin: Admin, password: str, field: str = "password") -> None:
        """Replace the password; INVALID_REQUEST, of this field, for a weak one."""
        self._require_strong(password, admin.name, field)
        self._change(admin, password_hash=self._passwords.hash(password))

    def set_role(self, admin: Admin, role: Role) -> None:
        """Give another role; the last owner who can sign in keeps theirs."""
        if role != "owner":
            self._require_another_owner(admin)
        self._change(admin, role=role)

    def set_disabled(self, admin: Admin, *, disabled: bool) -> None:
        """Refuse or allow the admin's sign-in; not of the last owner."""
        if disabled:
            self._require_another_owner(admin)
        self._change(admin, disabled_at=self._now() if disabled else None)

    def confirm_second_factor(self, admin: Admin, sealed: str, otp: str) -> list[str]:
        """Begin to ask for a second factor, once a code of it was given; the recovery codes."""
        step = self._second_factor.step(sealed, admin.public_id, otp)
        if step is None:
            raise ApiError(errors.CREDENTIALS_INVALID, "The one-time code is wrong.")
        codes, kept = recovery_codes()
        fresh = {"totp_sealed": sealed, "totp_since": self._now(), "totp_step": step}
        unchanged = Admin.totp_sealed == admin.totp_sealed
        if not self._spent(admin, unchanged, **fresh, recovery_codes=kept):
            raise ApiError(errors.CREDENTIALS_INVALID, "Another second factor was just confirmed.")
        return codes

    def renew_recovery_codes(self, admin: Admin) -> list[str]:
        """Fresh recovery codes in place of all before."""
        codes, kept = recovery_codes()
        self._change(admin, recovery_codes=kept)
        return codes

    def drop_second_factor(self, admin: Admin) -> None:
        """Take the second factor away, for an admin who lost it."""
        self._change(admin, totp_sealed=None, totp_since=None, recovery_codes="")

    def _holds(self, password: str, admin: Admin | None) -> bool:
        """Whether this is the password; the connection is given back before the hash is waited for.

        Otherwise a flood of sign-ins would take all connections from the users' logins.
        """
        kept = admin.password_hash if admin else None
        db.session.commit()
        return self._passwords.holds(password, kept)

    def _takes(self, admin: Admin, otp: str | None) -> bool:
        """Whether the second factor is given, where the admin has one; a code is good once."""
        if admin.totp_since is None or admin.totp_sealed is None:
            return True
        given = (otp or "").replace(" ", "")
        step = self._second_factor.step(admin.totp_sealed, admin.public_id, given)
        if step is not None:
            return self._spent(admin, Admin.totp_step < step, totp_step=step)
        left = without_code(admin.recovery_codes, given)
        if left is None:
            return False
        return self._spent(admin, Admin.recovery_codes == admin.recovery_codes, recovery_codes=left)

    def _spent(self, admin: Admin, unspent: Any, **values: Any) -> bool:
        """Spend a code in one statement: of two at once one gets in."""
        done = db.session.execute(
            update(Admin)
            .where(Admin.id == admin.id, unspent)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        db.session.commit()
        return bool(getattr(done, "rowcount", 0))

    def _require_another_owner(self, admin: Admin) -> None:
        """Two owners who take the role from each other at once wait for each other here."""
        owners = Admin.role == "owner", Admin.disabled_at.is_(None)
        # Writing locks everywhere; SQLite knows no SELECT FOR UPDATE.
        same = update(Admin).where(*owners).values(role="owner")
        db.session.execute(same.execution_options(synchronize_session=False))
        if set(db.session.scalars(select(Admin.id).where(*owners))) == {admin.id}:
            raise ApiError(errors.FORBIDDEN, "This is the last owner who can sign in.")

    def _require_strong(self, password: str, name: str, field: str = "password") -> None:
        weak = self._passwords.weakness(password, name)
        if weak:
            raise _wrong(field, weak)

    def _change(self, admin: Admin, **values: Any) -> None:
        for column, value in values.items():
            setattr(admin, column, value)
        db.session.commit()

    def _one(self, condition: Any) -> Admin | None:
        found = select(Admin).where(condition).execution_options(populate_existing=True)
        return db.session.scalars(found).one_or_none()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def require_name(name: str) -> None:
    """INVALID_REQUEST for what cannot be an admin's name."""
    if not NAME.fullmatch(name):
        raise _wrong("name", "should be 1 to 64 of a-z, 0-9, dot, dash and underscore")


def stamp(admin: Admin) -> str:
    """What an account looks like: it changes with password, role and second factor."""
    looks = f"{admin.password_hash}\n{admin.role}\n{admin.totp_sealed or ''}"
    return hashlib.sha256(looks.encode()).hexdigest()[:32]


def _wrong(field: str, reason: str) -> ApiError:
    return ApiError(errors.INVALID_REQUEST, fields=[(field, reason)])
