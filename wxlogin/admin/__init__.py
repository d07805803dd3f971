"""The admin: its API and its console."""

from wxlogin.admin.api import admins, audit, events, me, overview, sign_in, tokens

BLUEPRINTS = (
    sign_in.api,
    me.api,
    overview.api,
    events.api,
    audit.api,
    admins.api,
    tokens.api,
)

__all__ = ["BLUEPRINTS"]
