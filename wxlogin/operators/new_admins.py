"""New accounts of admins: a name that is free, and a password that is strong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wxlogin.clock import Clock, utc_now
from wxlogin.models import Admin
from wxlogin.operators.errors import NameTaken, WeakPassword
from wxlogin.operators.passwords import Passwords
from wxlogin.operators.permissions import Role
from wxlogin.sessions.tokens import new_public_id


class NewAdmins:
    """Adds accounts, and hashes the passwords that are set."""

    def __init__(
        self, current_session: Callable[[], Session], passwords: Passwords, clock: Clock
    ) -> None:
        self._current_session = current_session
        self._passwords = passwords
        self._clock = clock

    def add(
        self, name: str, role: Role, password_hash: str, **columns: str | datetime | bool | None
    ) -> Admin:
        """Add an account; NameTaken if there is one of this name."""
        admin = Admin(
            public_id=new_public_id(),
            name=name,
            role=role,
            password_hash=password_hash,
            created_at=utc_now(self._clock),
            **columns,
        )
        session = self._current_session()
        session.add(admin)
        try:
            session.commit()
        except IntegrityError:
            session.rollback()
            raise NameTaken("name", "is taken") from None
        return admin

    def hash(self, password: str, name: str, field: str = "password") -> str:
        """Return the hash of a new password; WeakPassword, with the name of this field.

        The connection returns to the pool before the hash is computed: otherwise a flood of
        sign-ins would take all connections from the users' logins.
        """
        self._current_session().commit()
        weak = self._passwords.weakness(password, name)
        if weak:
            raise WeakPassword(field, weak)
        return self._passwords.hash(password)
