"""The admin: its API and its console."""

from wxlogin.admin.api import (
    admins,
    apps,
    audit,
    events,
    keys,
    me,
    overview,
    sessions,
    sign_in,
    tokens,
    users,
)

BLUEPRINTS = (
    sign_in.api,
    me.api,
    overview.api,
    users.api,
    sessions.api,
    events.api,
    audit.api,
    apps.api,
    keys.api,
    admins.api,
    tokens.api,
)

__all__ = ["BLUEPRINTS"]
