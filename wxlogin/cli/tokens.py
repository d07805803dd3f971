"""`flask admin token`, `tokens` and `revoke`: the API tokens of services."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_network
from typing import cast

import click

from wxlogin.cli.apps import require_registered
from wxlogin.cli.commands import TAKES_IDS, command
from wxlogin.cli.output import table, when
from wxlogin.local_time import current_offset
from wxlogin.models import ApiToken
from wxlogin.operators.api_tokens import DEFAULT_DAYS, Bounds, Network
from wxlogin.operators.permissions import READ, SCOPES, Scope
from wxlogin.services import services
from wxlogin.visible_text import is_line
from wxlogin.watch.audit import COMMAND_LINE
from wxlogin.watch.events import AdminEvent, Kind

MOST_DAYS = 3650


@command("token")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    required=True,
    help="What the token opens; may be given several times.",
)
@click.option(
    "--expires",
    metavar="DAYS|never",
    default=str(DEFAULT_DAYS),
    show_default=True,
    help="After how many days the token ends.",
)
@click.option("--app", "apps", multiple=True, metavar="APPID", help="Bind it to a mini-program.")
@click.option("--network", "networks", multiple=True, metavar="CIDR", help="Bind it to addresses.")
def token(
    name: str,
    scopes: tuple[str, ...],
    expires: str,
    apps: tuple[str, ...],
    networks: tuple[str, ...],
) -> None:
    """Create an API token and print it once."""
    if not is_line(name, 64):
        raise click.ClickException("NAME should be 1 to 64 characters, none of them invisible.")
    wanted = cast("tuple[Scope, ...]", scopes)
    if apps and not READ.isdisjoint(wanted):
        raise click.ClickException("--app cannot be combined with the scopes read and operate.")
    tokens, audit = services.operators.tokens, services.watch.audit
    ends = _end(expires)
    require_registered(services.accounts.apps, apps)
    bounds = Bounds(ends, apps, tuple(map(_network, networks)))
    detail = {"scopes": list(scopes), "apps": list(apps), "expires": expires}
    with audit.act(COMMAND_LINE, "token.create", "token:new", detail=detail) as act:
        created, row = tokens.create(name, wanted, COMMAND_LINE.name, bounds)
        act.detail["token"] = row.public_id
    event = AdminEvent(kind=Kind.ADMIN_TOKEN_CREATED, by=COMMAND_LINE.name, target=row.public_id)
    services.watch.recorder.record(event)
    click.echo(created)


def _end(expires: str) -> datetime | None:
    if expires == "never":
        return None
    if not expires.isascii() or not expires.isdigit() or not 0 < int(expires[:6]) <= MOST_DAYS:
        raise click.ClickException(f"--expires should be 1 to {MOST_DAYS} days, or never.")
    return services.operators.tokens.end_after(int(expires))


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise click.ClickException("--network should be one such as 10.0.0.0/8.") from None


@command("tokens")
def list_tokens() -> None:
    """List the API tokens, revoked ones too."""
    zone = current_offset(services.settings.timezone, services.clock)
    columns = ("ID", "State", f"Used, ends\n{zone}", "Made by", "Scopes", "Name")
    now = services.clock()
    rows = [
        (
            row.public_id,
            _state(row, now),
            f"{when(row.last_used_at, zone)}\n{when(row.expires_at, zone)}",
            row.made_by,
            row.scopes.replace(" ", "\n"),
            row.name,
        )
        for row in services.operators.tokens.all()
    ]
    nothing = "There is no API token; `admin token` makes one."
    click.echo(table(columns, rows, ["Made by", "Name"]) if rows else nothing)


def _state(row: ApiToken, now: float) -> str:
    if row.revoked_at:
        return "revoked"
    return "ended" if row.expires_at and row.expires_at.timestamp() <= now else "active"


# An ID is random and may begin with a dash.
@command("revoke", context_settings=TAKES_IDS)
@click.argument("id")
def revoke(id: str) -> None:  # noqa: A002  the contract's word
    """Revoke an API token, at once.

    ID is the one that `admin tokens` lists.
    """
    tokens, audit = services.operators.tokens, services.watch.audit
    row = tokens.get(id)
    with audit.act(COMMAND_LINE, "token.revoke", f"token:{row.public_id}"):
        tokens.revoke(row)
    click.echo(f"The API token {row.name} is revoked.")


TOKENS = (token, list_tokens, revoke)
