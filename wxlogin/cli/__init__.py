"""The flask commands, thin: read the words, one call, say what was done."""

from __future__ import annotations

from flask import Flask

from wxlogin.cli.admin import admin
from wxlogin.cli.apps import apps
from wxlogin.cli.audit import audit
from wxlogin.cli.keys import keys
from wxlogin.cli.purge import purge

COMMANDS = (admin, apps, audit, keys, purge)


def bind_commands(app: Flask) -> None:
    """Hang the commands into `flask --app wsgi`."""
    for command in COMMANDS:
        app.cli.add_command(command)
