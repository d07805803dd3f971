"""wxlogin: the login backend of WeChat mini-programs."""

from __future__ import annotations

from flask_openapi import OpenAPI

from config import Settings
from wxlogin import admin, me, responses, scan, server_api
from wxlogin.admin.console import bind_console
from wxlogin.cli import bind_commands
from wxlogin.cli.help import gives_up_a_key, runs_a_command
from wxlogin.clock import Clock, system_clock
from wxlogin.database import bind_database
from wxlogin.decrypt import decrypt
from wxlogin.extensions import limiter
from wxlogin.guard.bodies import refuse_fields
from wxlogin.guard.front import bind_guard
from wxlogin.home import home
from wxlogin.limits.storage import bind_rate_limits
from wxlogin.login import account, auth, login
from wxlogin.logs.structured import bind_logs
from wxlogin.meta import meta
from wxlogin.openapi import SECURITY_SCHEMES, Problem
from wxlogin.phones import are_served, phones
from wxlogin.push import push
from wxlogin.startup import (
    require_known_keys,
    warn_of_a_stand_in,
    warn_of_another_secret,
    warn_of_eviction,
)
from wxlogin.wiring import build


def create_app(settings: Settings, clock: Clock = system_clock) -> OpenAPI:
    """Put the app together from its settings, on the given clock."""
    app = OpenAPI(
        "wxlogin",
        info={"title": "wxlogin", "version": "1"},
        security_schemes=SECURITY_SCHEMES,
        validation_error_status=400,
        validation_error_model=Problem,
        validation_error_callback=refuse_fields,
        doc_ui=False,
        static_folder=None,
    )
    bind_logs(settings, of_command=runs_a_command())
    sql = bind_database(app, settings)
    services = app.extensions["wxlogin"] = build(settings, clock, sql)
    watch = services.watch
    bind_guard(app, settings, clock, services.limits, services.sessions, watch.recorder)
    bind_rate_limits(app, services.limits.rates)
    limiter.init_app(app)
    responses.register(app)
    for blueprint in (
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
    ):
        app.register_api(blueprint)
    if are_served(settings):
        app.register_api(phones)
    bind_console(app, settings.timezone)
    bind_commands(app)
    if not gives_up_a_key():
        require_known_keys(settings, services.keyring.known, sql)
    warn_of_a_stand_in(settings)
    warn_of_eviction(settings)
    warn_of_another_secret(app, services.accounts.apps)
    return app
