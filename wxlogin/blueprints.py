"""All views of the app: the calls, the admin's API and the console.

No command needs them, and to import and register them is a third of what a start costs. So
`create_app` imports this module where somebody will call.
"""

from __future__ import annotations

from flask_openapi import OpenAPI

from config import Settings
from wxlogin import admin, me, scan, server_api
from wxlogin.admin.console import bind_console
from wxlogin.clock import Clock
from wxlogin.decrypt import decrypt
from wxlogin.guard.fast_path import add_fast_path
from wxlogin.home import home
from wxlogin.login import SESSION_PATH, account, auth, fast_session, login
from wxlogin.meta import meta
from wxlogin.phones import are_served, phones
from wxlogin.push import push

BLUEPRINTS = (
    login,
    account,
    auth,
    decrypt,
    home,
    *me.BLUEPRINTS,
    meta,
    push,
    *scan.BLUEPRINTS,
    *server_api.BLUEPRINTS,
    *admin.BLUEPRINTS,
)


def register(app: OpenAPI, settings: Settings, clock: Clock) -> None:
    """Register all blueprints with the app, and what is answered in front of it."""
    for blueprint in BLUEPRINTS:
        app.register_api(blueprint)
    if are_served(settings):
        app.register_api(phones)
    add_fast_path(app, SESSION_PATH, fast_session(clock))
    bind_console(app, settings.timezone)
