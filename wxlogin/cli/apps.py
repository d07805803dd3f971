"""`flask apps`: mini-programs."""

from __future__ import annotations

import re
import sys

import click
from flask.cli import AppGroup

from config_values import app_secret
from wxlogin.cli.telling import counted, refusals_told
from wxlogin.engines import engines
from wxlogin.wechat import Credentials

apps = AppGroup("apps", help="Mini-programs: register, list, replace the AppSecret, disable.")
appid_argument = click.argument("appid")
secret_option = click.option(
    "--secret-stdin",
    is_flag=True,
    required=True,
    expose_value=False,
    help="Read the AppSecret from standard input; it never stands on the command line.",
)


@apps.command("add")
@appid_argument
@click.option("--name", required=True, help="What operators call it, up to 64 characters.")
@secret_option
def add(appid: str, name: str) -> None:
    """Register a mini-program."""
    if not 0 < len(name) <= 64 or not name.isprintable():
        raise click.ClickException("--name should be 1 to 64 printable characters.")
    with refusals_told():
        engines.registry.add(_credentials(appid), name)
    click.echo(f"{appid} is registered.")


@apps.command("list")
def list_apps() -> None:
    """List the mini-programs."""
    with refusals_told():
        known = engines.apps.all()
    for app in known.values():
        click.echo(f"{app.appid}  {app.status:8}  {app.created_at:%Y-%m-%d}  {app.name}")
    if not known:
        click.echo("No mini-program is registered; `flask --app wsgi apps add` does that.")


@apps.command("set-secret")
@appid_argument
@secret_option
def set_secret(appid: str) -> None:
    """Replace the AppSecret, once WeChat has taken it; no session ends."""
    with refusals_told():
        engines.registry.set_secret(_credentials(appid))
    click.echo(f"The AppSecret of {appid} is replaced; every worker uses it from here on.")


@apps.command("disable")
@appid_argument
def disable(appid: str) -> None:
    """Refuse the mini-program's logins and end its sessions; may be stopped and run again."""
    users = sessions = 0
    with refusals_told(), counted("users") as tell:
        for users, count, sessions in engines.registry.disable(appid):  # noqa: B007
            tell(users, count)
    click.echo(f"{appid} is disabled; {sessions} sessions of {users} users were ended.")


def _credentials(appid: str) -> Credentials:
    """The appid and the AppSecret from standard input, once both look like that."""
    if not re.fullmatch("wx[0-9A-Za-z]{8,30}", appid):
        raise click.ClickException("APPID should look like wx0123456789abcdef.")
    try:
        return Credentials(appid, app_secret(sys.stdin.readline(200).strip()))
    except ValueError as fault:
        raise click.ClickException(f"Standard input {fault}.") from None
