"""The services that the account of the admin who is signed in is looked at with."""

from __future__ import annotations

from wxlogin.admin.account.history import Account
from wxlogin.services import services


def my_account() -> Account:
    """Return where the account is looked at."""
    return Account(services.operators, services.watch, services.clock)
