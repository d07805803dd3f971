"""wxlogin: the login backend of WeChat mini-programs."""

from __future__ import annotations

from flask_openapi import OpenAPI

from config import Settings
from wxlogin import admin, replies, service
from wxlogin.admin.console import bind_console
from wxlogin.cli import bind_commands
from wxlogin.clock import Clock, system_clock
from wxlogin.database import bind_database
from wxlogin.decrypt import decrypt
from wxlogin.engines import build
from wxlogin.guard.bodies import refuse_fields
from wxlogin.guard.front import bind_guard
from wxlogin.guard.logs import bind_logs
from wxlogin.login import account, auth, login
from wxlogin.meta import meta
from wxlogin.openapi import SECURITY_SCHEMES, Problem
from wxlogin.startup import warn_of_another_secret


def create_app(settings: Settings, clock: Clock = system_clock) -> OpenAPI:
    """Put the app together from its settings, on the given clock."""
    app = OpenAPI(
        __name__,
        info={"title": "wxlogin", "version": "1"},
        security_schemes=SECURITY_SCHEMES,
        validation_error_status=400,
        validation_error_model=Problem,
        validation_error_callback=refuse_fields,
        doc_ui=False,
        static_folder=None,
    )
    bind_logs(settings)
    sql = bind_database(app, settings)
    engines = app.extensions["wxlogin"] = build(settings, clock, sql)
    bind_guard(app, engines)
    engines.limits.bind(app)
    replies.register(app)
    for blueprint in (login, account, auth, decrypt, meta, *service.BLUEPRINTS, *admin.BLUEPRINTS):
        app.register_api(blueprint)
    bind_console(app)
    bind_commands(app)
    warn_of_another_secret(app, engines)
    return app
