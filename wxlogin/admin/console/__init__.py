"""The console: server-rendered pages over the services that the admin API calls too."""

from wxlogin.admin.console import (
    account,
    audit,
    icons,
    overview,
    refusals,
    sign_in,
)
from wxlogin.admin.console.pages import bind_console

__all__ = ["account", "audit", "bind_console", "icons", "overview", "refusals", "sign_in"]
