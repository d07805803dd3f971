"""`flask purge`: removes what is older than the retention time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import click

from wxlogin.cli.commands import command
from wxlogin.cli.output import progress
from wxlogin.clock import utc_now
from wxlogin.extensions import db
from wxlogin.plural import plural
from wxlogin.services import services
from wxlogin.watch import retention


@command("purge")
def purge() -> None:
    """Remove old events, logins, alerts and what webhooks told.

    Old is what is older than WXLOGIN_RETENTION_DAYS. May be stopped at any time and run again.
    """
    days, clock = services.settings.retention_days, services.clock
    before = utc_now(clock) - timedelta(days=days)
    removed: dict[str, int] = {}
    try:
        with progress("rows") as update:
            for step in retention.purge(db.engine, before):
                removed[step.row] = step.removed
                update(step.done, step.total)
    except KeyboardInterrupt:
        raise click.ClickException(
            f"Stopped. {_summary(removed)} Run it again for the rest."
        ) from None
    click.echo(f"{_summary(removed)} What is older than {plural(days, 'day')} is gone.")


def _summary(removed: Mapping[str, int]) -> str:
    counts = ", ".join(plural(count, row) for row, count in removed.items())
    return f"Removed: {counts or 'nothing'}."
