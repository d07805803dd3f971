"""The admin: its API and its console, a folder per subject."""

from wxlogin.admin import (
    account,
    admins,
    alerts,
    apps,
    audit,
    doctor,
    events,
    find,
    keys,
    overview,
    sessions,
    status,
    tokens,
    users,
    webhooks,
)

BLUEPRINTS = (
    account.sign_in_routes.api,
    account.routes.api,
    account.passkey_routes.api,
    overview.routes.api,
    status.routes.api,
    users.routes.api,
    sessions.routes.api,
    events.routes.api,
    find.routes.api,
    alerts.routes.api,
    audit.routes.api,
    apps.routes.api,
    keys.routes.api,
    admins.routes.api,
    tokens.routes.api,
    webhooks.routes.api,
)
"""The blueprints of the API. Pages are views of the blueprint `console`."""

__all__ = ["BLUEPRINTS", "doctor"]
