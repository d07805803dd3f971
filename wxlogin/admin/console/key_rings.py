"""The keys of the settings, and what still needs each."""

from __future__ import annotations

from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.pages import page
from wxlogin.admin.paging import MOST_SHOWN, PageQuery
from wxlogin.admin.service import keys as service
from wxlogin.engines import engines
from wxlogin.guard.operators import permitted


@console.get("/keys")
@permitted("keys.read")
def key_rings() -> str:
    """List the keys by name."""
    return page("keys", rings=service.listed(engines, PageQuery(limit=MOST_SHOWN)))
