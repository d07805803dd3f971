"""What a flask command needs of the app: without settings `--help`, `leakscan` and `doctor` run."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import click
from flask import Flask
from flask.cli import FlaskGroup
from flask_migrate.cli import db

from config import ConfigError
from wxlogin.cli import COMMANDS, bind_commands

WITHOUT_VIEWS = {db.name, *(command.name for command in COMMANDS)}
"""The commands that call no view; `run`, `routes`, `shell` and a team's own may."""


class MissingExtensions(dict[str, Any]):
    """The extensions of an app without settings: a look-up raises the settings' ConfigError."""

    def __init__(self, fault: ConfigError) -> None:
        super().__init__()
        self._fault = fault

    def __missing__(self, name: str) -> NoReturn:
        raise self._fault


def needs_no_settings() -> bool:
    """Return whether a flask command runs that is asked for its help, or needs no settings."""
    asked = {"--help", "leakscan", "doctor"} & set(sys.argv)
    return bool(asked) and click.get_current_context(silent=True) is not None


def runs_a_command() -> bool:
    """Return whether a flask command runs that ends; `flask run` serves."""
    context = click.get_current_context(silent=True)
    return context is not None and context.info_name != "run"


def needs_no_views() -> bool:
    """Return whether a flask command runs that calls no view, or the list of commands is shown."""
    context = click.get_current_context(silent=True)
    if context is None:
        return False
    root = context.find_root()
    if not isinstance(root.command, FlaskGroup):
        return False
    # What stands before the command's name are options of `flask` itself.
    _, words, _ = root.command.make_parser(root).parse_args(sys.argv[1:])
    return not words or words[0] in WITHOUT_VIEWS


def gives_up_a_key() -> bool:
    """Return whether `keys give-up` runs: it is for a key without which nothing else starts."""
    given_up = ("keys", "give-up") in zip(sys.argv, sys.argv[1:], strict=False)
    return given_up and click.get_current_context(silent=True) is not None


def app_without_settings(fault: ConfigError) -> Flask:
    """Return an app whose commands show their help; whatever needs the settings raises `fault`."""
    app = Flask("wxlogin", static_folder=None)
    app.extensions = MissingExtensions(fault)
    app.cli.add_command(db)
    bind_commands(app)
    return app
