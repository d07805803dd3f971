"""The admin: its API and its console."""

from wxlogin.admin.api import audit, me, sign_in

BLUEPRINTS = (sign_in.api, me.api, audit.api)

__all__ = ["BLUEPRINTS"]
