"""`flask admin`: the first admins, and tokens for services."""

from __future__ import annotations

import sys
from typing import cast

import click
from flask.cli import AppGroup

from wxlogin.cli.telling import refusals_told
from wxlogin.engines import engines
from wxlogin.operators.admins import require_name
from wxlogin.operators.passwords import random_password
from wxlogin.operators.permissions import ROLES, SCOPES, Role, Scope
from wxlogin.watch.audit import COMMAND_LINE

admin = AppGroup("admin", help="Admins of the console, and API tokens of services.")


@admin.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input; it never stands on the command line.",
)
@click.option("--first", is_flag=True, help="Do nothing where there is an admin.")
def create(name: str, role: str, *, password_stdin: bool, first: bool) -> None:
    """Make an admin. Asks for the password; where nobody can be asked, makes one and prints it."""
    with refusals_told():
        require_name(name)
        if first and engines.operators.admins.any():
            return
    made = not password_stdin and not sys.stdin.isatty()
    password = random_password() if made else _asked(from_stdin=password_stdin)
    with (
        refusals_told(),
        engines.audit.act(COMMAND_LINE, "admin.create", f"admin:{name}", detail={"role": role}),
    ):
        engines.operators.admins.create(name, cast("Role", role), password)
    click.echo(f"{name} may sign in at /admin/ as {role}.")
    if made:
        click.echo(f"Password (shown this once): {password}")


@admin.command("token")
@click.argument("name")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True)
def token(name: str, scopes: tuple[str, ...]) -> None:
    """Make an API token with one scope or several and print it, this once."""
    if not 0 < len(name) <= 64 or not name.isprintable():
        raise click.ClickException("NAME should be 1 to 64 printable characters.")
    wanted = cast("tuple[Scope, ...]", scopes)
    with (
        refusals_told(),
        engines.audit.act(
            COMMAND_LINE, "token.create", "token:new", detail={"scopes": list(scopes)}
        ) as act,
    ):
        made, row = engines.operators.tokens.create(name, wanted, COMMAND_LINE.name)
        act.detail["token"] = row.public_id
    click.echo(made)


def _asked(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline(1000).rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
