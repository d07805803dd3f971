"""wxlogin: the login backend of WeChat mini-programs."""

from __future__ import annotations

from flask_openapi import OpenAPI
from werkzeug.utils import import_string

from config import Settings
from wxlogin import responses
from wxlogin.cli import bind_commands
from wxlogin.cli.help import gives_up_a_key, needs_no_views, runs_a_command
from wxlogin.clock import Clock, system_clock
from wxlogin.database import bind_database
from wxlogin.extensions import limiter
from wxlogin.guard.bodies import refuse_fields
from wxlogin.guard.fast_path import bind_guard
from wxlogin.limits.storage import bind_rate_limits
from wxlogin.logs.structured import bind_logs
from wxlogin.openapi import OPENAPI_VERSION, SECURITY_SCHEMES, Problem
from wxlogin.startup import (
    require_known_keys,
    warn_of_another_secret,
    warn_of_eviction,
    warn_of_local_wechat,
)
from wxlogin.wiring import build

BLUEPRINTS = "wxlogin.blueprints:register"
"""What registers the views. It is imported by name, since commands start faster without it."""


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
    app.openapi_version = OPENAPI_VERSION
    bind_logs(settings, of_command=runs_a_command())
    sql = bind_database(app, settings)
    services = app.extensions["wxlogin"] = build(settings, clock, sql)
    watch = services.watch
    bind_guard(app, settings, clock, services.limits, services.sessions, watch.recorder)
    bind_rate_limits(app, services.limits.rates)
    limiter.init_app(app)
    responses.register(app)
    if not needs_no_views():
        import_string(BLUEPRINTS)(app, settings, clock)
    bind_commands(app)
    if not gives_up_a_key():
        require_known_keys(settings, services.keyring.known, sql)
    warn_of_local_wechat(settings)
    warn_of_eviction(settings)
    warn_of_another_secret(app, services.accounts.apps)
    return app
