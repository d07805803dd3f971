"""The flask commands, thin: read the words, one call, say what was done."""

from __future__ import annotations

from flask import Flask

from wxlogin.cli.admin import admin
from wxlogin.cli.apps import apps
from wxlogin.cli.audit import audit

GROUPS = (admin, apps, audit)


def bind_commands(app: Flask) -> None:
    """Hang the commands into `flask --app wsgi`."""
    for group in GROUPS:
        app.cli.add_command(group)
