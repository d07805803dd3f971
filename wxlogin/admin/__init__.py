"""The admin: its API and its console."""

from wxlogin.admin.api import admins, audit, me, overview, sign_in, tokens

BLUEPRINTS = (sign_in.api, me.api, admins.api, tokens.api, audit.api, overview.api)

__all__ = ["BLUEPRINTS"]
