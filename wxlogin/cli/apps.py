"""`flask apps`: mini-programs."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup

from config_values import app_secret
from wxlogin.accounts.registry import Step, app_name
from wxlogin.cli.telling import counted, refusals_told
from wxlogin.engines import engines
from wxlogin.watch.audit import COMMAND_LINE, Act
from wxlogin.wechat import Credentials

apps = AppGroup("apps", help="Mini-programs: register, list, replace secrets, disable, enable.")
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
    try:
        app_name(name)
    except ValueError as fault:
        raise click.ClickException(f"--name {fault}.") from None
    credentials = _credentials(appid)
    with _audited("app.add", appid):
        engines.registry.add(credentials, name)
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
    credentials = _credentials(appid)
    with _audited("app.set_secret", appid):
        engines.registry.set_secret(credentials)
    click.echo(f"The AppSecret of {appid} is replaced; every worker uses it from here on.")


@apps.command("disable")
@appid_argument
def disable(appid: str) -> None:
    """Refuse the mini-program's logins and end its sessions; may be stopped and run again."""
    with _audited("app.disable", appid) as act:
        users, sessions = _through(engines.registry.disable(appid), act)
    click.echo(f"{appid} is disabled; {sessions} sessions of {users} users were ended.")


@apps.command("enable")
@appid_argument
def enable(appid: str) -> None:
    """Let the mini-program's users log in again; may be stopped and run again."""
    with _audited("app.enable", appid) as act:
        users, _ = _through(engines.registry.enable(appid), act)
    click.echo(f"{appid} is enabled; its {users} users can log in.")


@contextmanager
def _audited(act: str, appid: str) -> Iterator[Act]:
    """Do something to a mini-program, if the audit trail can be written; tell its refusals."""
    with refusals_told(), engines.audit.act(COMMAND_LINE, act, f"app:{appid}") as under_way:
        yield under_way


def _through(steps: Iterator[Step], act: Act) -> tuple[int, int]:
    """See to all users; how many there were, and how many sessions ended."""
    with counted("users") as tell:
        for step in steps:
            tell(step.seen, step.users)
            act.detail = {"users": step.seen, "ended": step.done}
    return act.detail.get("users", 0), act.detail.get("ended", 0)


def _credentials(appid: str) -> Credentials:
    """The appid and the AppSecret from standard input, once both look like that."""
    if not re.fullmatch("wx[0-9A-Za-z]{8,30}", appid):
        raise click.ClickException("APPID should look like wx0123456789abcdef.")
    try:
        return Credentials(appid, app_secret(sys.stdin.readline(200).strip()))
    except ValueError as fault:
        raise click.ClickException(f"Standard input {fault}.") from None
