"""`flask webhooks`: what a team's own systems are told."""

from __future__ import annotations

from urllib.parse import urlsplit

import click

from wxlogin.cli.apps import require_registered
from wxlogin.cli.commands import TAKES_IDS, Group
from wxlogin.cli.output import table, when
from wxlogin.local_time import current_offset
from wxlogin.models import WebhookEndpoint
from wxlogin.outbox import EventType
from wxlogin.services import services
from wxlogin.watch.audit import COMMAND_LINE

EVENT = click.Choice([one.value for one in EventType])
MAX_ROW_ID = 10**18 - 1
"""What every database can compare."""

webhooks = Group("webhooks", help="Webhooks: what a team's own systems are told.")


@webhooks.command("add")
@click.argument("url")
@click.argument("more", nargs=-1, type=EVENT, metavar="[EVENT]...")
@click.option(
    "--event",
    "events",
    type=EVENT,
    multiple=True,
    required=True,
    help="What it is told; further ones stand behind it, or each has an --event of its own.",
)
@click.option("--app", "apps", multiple=True, metavar="APPID", help="Only of this mini-program.")
def add(url: str, more: tuple[str, ...], events: tuple[str, ...], apps: tuple[str, ...]) -> None:
    """Add a webhook and print its id and its secret, this once."""
    require_registered(services.accounts.apps, apps)
    try:
        host = urlsplit(url).hostname
    except ValueError:
        raise click.ClickException(
            "URL should look like https://shop.example.com/events."
        ) from None
    chosen = list(dict.fromkeys(events + more))
    detail = {"host": host, "events": chosen, "apps": list(apps)}
    endpoints, audit = services.webhooks.endpoints, services.watch.audit
    with audit.act(COMMAND_LINE, "webhook.create", "webhook:new", detail=detail) as act:
        wanted = [EventType(event) for event in chosen]
        endpoint, secret = endpoints.create(url, wanted, apps, COMMAND_LINE.name)
        act.detail["webhook"] = endpoint.public_id
    click.echo(f"{endpoint.public_id}\n{secret}")


@webhooks.command("list")
def list_webhooks() -> None:
    """List the webhooks."""
    zone = current_offset(services.settings.timezone, services.clock)
    columns = ("ID", "State", f"Made ({zone})", "URL", "Events")
    rows = [
        (
            row.public_id,
            _state(row),
            when(row.created_at, zone),
            row.url,
            row.events.replace(" ", "\n"),
        )
        for row in services.webhooks.endpoints.all()
    ]
    nothing = "There is no webhook; `webhooks add` makes one."
    click.echo(table(columns, rows, ["URL", "Events"]) if rows else nothing)


@webhooks.command("test", context_settings=TAKES_IDS)
@click.argument("id")
def test(id: str) -> None:  # noqa: A002  the contract's word
    """Send a test event to a webhook.

    Exit 1 if it is not accepted.
    """
    endpoint = services.webhooks.endpoints.get(id)
    with services.watch.audit.act(COMMAND_LINE, "webhook.test", f"webhook:{id}"):
        sent = services.webhooks.history.test(endpoint).delivery
    if sent.delivered_at is None:
        raise click.ClickException(f"The webhook did not accept it: {sent.fault}.")
    click.echo(f"The webhook accepted it with status {sent.status_code}.")


@webhooks.command("remove", context_settings=TAKES_IDS)
@click.argument("id")
def remove(id: str) -> None:  # noqa: A002  the contract's word
    """Remove a webhook with what waits for it."""
    endpoint = services.webhooks.endpoints.get(id)
    with services.watch.audit.act(COMMAND_LINE, "webhook.remove", f"webhook:{id}"):
        services.webhooks.endpoints.delete(endpoint)
    click.echo("The webhook is removed.")


@webhooks.command("pause", context_settings=TAKES_IDS)
@click.argument("id")
def pause(id: str) -> None:  # noqa: A002  the contract's word
    """Send a webhook nothing until it is resumed.

    What waits for it stays.
    """
    _enable(id, enabled=False)
    click.echo("The webhook is paused.")


@webhooks.command("resume", context_settings=TAKES_IDS)
@click.argument("id")
def resume(id: str) -> None:  # noqa: A002  the contract's word
    """Let a paused webhook go on, with what waits for it."""
    _enable(id, enabled=True)
    click.echo("The webhook goes on.")


@webhooks.command("secret", context_settings=TAKES_IDS)
@click.argument("id")
def secret(id: str) -> None:  # noqa: A002  the contract's word
    """Replace the secret of a webhook and print it, this once.

    For a day both sign.
    """
    endpoint = services.webhooks.endpoints.get(id)
    with services.watch.audit.act(COMMAND_LINE, "webhook.replace_secret", f"webhook:{id}"):
        new = services.webhooks.endpoints.replace_secret(endpoint)
    click.echo(new)


@webhooks.command("deliveries", context_settings=TAKES_IDS)
@click.argument("id")
@click.option(
    "--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many."
)
@click.option("--body", "with_bodies", is_flag=True, help="Print the body of each too.")
def deliveries(id: str, limit: int, *, with_bodies: bool) -> None:  # noqa: A002  the contract's word
    """List what a webhook got, newest first."""
    zone = current_offset(services.settings.timezone, services.clock)
    columns = ("ID", "Event", f"At ({zone})", "State", "Tries", "Answer")
    history, endpoint = services.webhooks.history, services.webhooks.endpoints.get(id)
    found = history.page(endpoint, limit)
    rows = [
        (
            str(row.id),
            event.type,
            when(event.at, zone),
            row.state,
            str(row.attempts),
            row.fault or str(row.status_code or ""),
        )
        for row, event in found
    ]
    click.echo(table(columns, rows, ["Answer"]) if rows else "The webhook got nothing so far.")
    for row, event in found if with_bodies else ():
        click.echo(f"{row.id} {event.body}")


@webhooks.command("replay")
@click.argument("delivery", type=click.IntRange(1, MAX_ROW_ID))
def replay(delivery: int) -> None:
    """Send a delivery once more, with its id and its body.

    A worker sends it within seconds; `webhooks deliveries` lists the ids.
    """
    history = services.webhooks.history
    detail = {"event": history.get(delivery).event.public_id}
    target = f"delivery:{delivery}"
    with services.watch.audit.act(COMMAND_LINE, "webhook.replay", target, detail=detail):
        history.replay(delivery)
    click.echo("It is sent again.")


def _enable(webhook: str, *, enabled: bool) -> None:
    endpoint, detail = services.webhooks.endpoints.get(webhook), {"enabled": enabled}
    target = f"webhook:{webhook}"
    with services.watch.audit.act(COMMAND_LINE, "webhook.change", target, detail=detail):
        services.webhooks.endpoints.change(endpoint, enabled=enabled)


def _state(row: WebhookEndpoint) -> str:
    if row.paused_at:
        return "paused"
    if not row.enabled:
        return "disabled"
    return "fails" if row.failing_since else "active"
