"""`flask purge`: retention."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click
from flask.cli import with_appcontext

from wxlogin.cli.telling import counted, refusals_told
from wxlogin.engines import engines
from wxlogin.extensions import db
from wxlogin.watch import retention


@click.command("purge")
@with_appcontext
def purge() -> None:
    """Remove events, logins and alerts older than WXLOGIN_RETENTION_DAYS.

    May be stopped at any time and run again.
    """
    days = engines.settings.retention_days
    before = datetime.fromtimestamp(engines.clock(), UTC) - timedelta(days=days)
    removed: dict[str, int] = {}
    try:
        with refusals_told(), counted("rows") as tell:
            for step in retention.purge(db.engine, before):
                removed[step.table] = step.removed
                tell(step.done, step.total)
    except KeyboardInterrupt:
        raise click.ClickException(
            f"Stopped. {_told(removed)} Run it again for the rest."
        ) from None
    click.echo(f"{_told(removed)} They were older than {days} days.")


def _told(removed: dict[str, int]) -> str:
    counts = ", ".join(f"{count} {name}" for name, count in removed.items())
    return f"Removed: {counts or 'nothing'}."
