"""`flask keys`: the keys of the settings."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from wxlogin.cli.telling import refusals_told
from wxlogin.engines import engines

keys = AppGroup("keys", help="The keys of the settings.")


@keys.command("list")
def list_keys() -> None:
    """List the keys by id and fingerprint, with how many rows still need each."""
    with refusals_told():
        use = engines.keys.take()
    for line in use.keys:
        newest = "newest" if line.newest else "older"
        rows = "" if line.rows is None else f"{line.rows} rows"
        click.echo(f"{line.kind:8}{line.id or '-':17}{line.fingerprint}  {newest:8}{rows}".rstrip())
    if use.lost:
        click.echo(f"{use.lost} rows need a key that the settings do not name.")
