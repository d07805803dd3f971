"""`flask audit`: the audit trail."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from wxlogin.cli.telling import counted, refusals_told
from wxlogin.engines import engines

audit = AppGroup("audit", help="The audit trail.")


@audit.command("verify")
def verify() -> None:
    """Look for changed and removed entries and a cut tail; exit 1 if there are any."""
    faults = seen = 0
    with refusals_told(), counted("entries") as tell:
        for report in engines.audit.verified():
            tell(report.seen, report.total)
            for line in (*report.faults, *report.notes):
                click.echo(line)
            faults, seen = faults + len(report.faults), report.seen
    if faults:
        raise click.ClickException(f"{faults} faults in {seen} entries.")
    click.echo(f"{seen} entries are as they were written.")
