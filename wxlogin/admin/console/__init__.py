"""The console: pages over the services that the admin API calls too, a module a subject."""

from wxlogin.admin.console import (
    account,
    admins,
    apps,
    audit,
    events,
    files,
    key_rings,
    overview,
    refusals,
    second_factor,
    sessions,
    sign_in,
    tokens,
    user_acts,
    users,
)
from wxlogin.admin.console.pages import bind_console

__all__ = [
    "account",
    "admins",
    "apps",
    "audit",
    "bind_console",
    "events",
    "files",
    "key_rings",
    "overview",
    "refusals",
    "second_factor",
    "sessions",
    "sign_in",
    "tokens",
    "user_acts",
    "users",
]
