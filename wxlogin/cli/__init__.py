"""The flask commands: each parses its arguments, makes one call and prints the result."""

from __future__ import annotations

from flask import Flask

from wxlogin.cli.admin import admin
from wxlogin.cli.alerts import alerts
from wxlogin.cli.apps import apps
from wxlogin.cli.audit import audit
from wxlogin.cli.doctor import doctor
from wxlogin.cli.keys import keys
from wxlogin.cli.leakscan import leakscan
from wxlogin.cli.purge import purge
from wxlogin.cli.sessions import sessions
from wxlogin.cli.settings import settings
from wxlogin.cli.users import users
from wxlogin.cli.webhooks import webhooks

COMMANDS = (
    admin,
    alerts,
    apps,
    audit,
    doctor,
    keys,
    leakscan,
    purge,
    sessions,
    settings,
    users,
    webhooks,
)


def bind_commands(app: Flask) -> None:
    """Register the commands with `flask --app wsgi`."""
    for command in COMMANDS:
        app.cli.add_command(command)
