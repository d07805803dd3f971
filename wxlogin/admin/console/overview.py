"""The overview: where an operator begins."""

from __future__ import annotations

from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.pages import page
from wxlogin.guard.operators import permitted


@console.get("/")
@permitted("overview.read")
def overview() -> str:
    """Show where to go."""
    return page("overview")
