"""Whoever waits for a password's hash holds no connection that a login may need."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.harness.console import PASSWORD, Operator
from tests.harness.site import Site
from wxlogin.extensions import db
from wxlogin.models import Admin
from wxlogin.operators.admins import Admins
from wxlogin.operators.new_admins import NewAdmins
from wxlogin.operators.passwords import Passwords

ANOTHER = "Slow-heron-81-windmills"


class CountingPasswords(Passwords):
    """Notes how many connections are in use whenever a password has to wait for its turn."""

    def __init__(self) -> None:
        super().__init__()
        self.connections: list[int] = []

    def hash(self, password: str) -> str:
        """As the others, once the connections are counted."""
        self._count()
        return super().hash(password)

    def verify(self, password: str, stored: str | None) -> bool:
        """As the others, once the connections are counted."""
        self._count()
        return super().verify(password, stored)

    def weakness(self, password: str, name: str) -> str | None:
        """As the others, once the connections are counted."""
        self._count()
        return super().weakness(password, name)

    def _count(self) -> None:
        self.connections.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]


ACTS: dict[str, Callable[[Admins, Admin], object]] = {
    "sign in": lambda admins, admin: admins.authenticate(admin.name, PASSWORD, None),
    "give the password": lambda admins, admin: admins.require_password(admin, PASSWORD),
    "set a password": lambda admins, admin: admins.set_password(admin, ANOTHER),
    "create": lambda admins, _: admins.create("olga", "viewer", ANOTHER),
}


@pytest.mark.parametrize("act", ACTS)
def test_no_connection_is_held_while_a_password_waits(
    site: Site, owner: Operator, act: str
) -> None:
    passwords = CountingPasswords()
    second_factor = site.app.extensions["wxlogin"].operators.second_factor
    passkeys = site.services.operators.passkeys
    new_admins = NewAdmins(db.session, passwords, site.clock)
    admins = Admins(db.session, passwords, second_factor, passkeys, new_admins, site.clock)
    with site.app.app_context():
        ACTS[act](admins, admins.get(owner.id))
    assert passwords.connections
    assert set(passwords.connections) == {0}
