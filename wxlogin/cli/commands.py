"""The base of all commands: they end with a status and a sentence, never with a traceback."""

from __future__ import annotations

from functools import partial
from typing import Any

import click
from flask.cli import ScriptInfo

from wxlogin.cli.output import report_errors
from wxlogin.database import lift_statement_timeout, require_migrated
from wxlogin.extensions import db
from wxlogin.services import current_services


class Command(click.Command):
    """A command that reports refusals, failed stores and Ctrl-C in one line.

    Its SQL statements have no time limit, and it refuses to run on tables of another version.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        app = ctx.ensure_object(ScriptInfo).load_app()
        with app.app_context(), report_errors():
            current_services()  # wrong settings are reported first
            lift_statement_timeout(db.engine)
            require_migrated(db.session.connection())
            db.session.rollback()  # returns the connection
            return super().invoke(ctx)


class Group(click.Group):
    """A group of such commands."""

    command_class = Command


TAKES_IDS = {"ignore_unknown_options": True}
"""The context of a command that takes ids: one that begins with a hyphen is no option."""

command = partial(click.command, cls=Command)
"""Declares such a command outside of a group."""
