"""My account: who I am here, my password, my second factor, where I am signed in."""

from __future__ import annotations

from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.pages import page
from wxlogin.admin.service import me as service
from wxlogin.engines import engines
from wxlogin.guard.operators import permitted, signed_in


@console.get("/account")
@permitted("me.read")
def account() -> str:
    """Show the account of the admin who is signed in."""
    return page("account", me=service.show(engines, signed_in()))
