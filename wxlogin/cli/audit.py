"""`flask audit`: the audit trail."""

from __future__ import annotations

import click

from wxlogin.cli.commands import Group
from wxlogin.cli.output import progress
from wxlogin.plural import plural
from wxlogin.services import services
from wxlogin.visible_text import is_line
from wxlogin.watch.audit import COMMAND_LINE
from wxlogin.watch.audit_chain import HEAD_ACCEPTED

audit = Group("audit", help="The audit trail.")


@audit.command("verify")
def verify() -> None:
    """Verify the audit trail; exit 1 on a fault.

    A changed entry, a missing one, a tail that was cut off and a head that Redis lost are faults.
    """
    trail = services.watch.audit
    faults = seen = 0
    with progress("entries") as update:
        for report in trail.verify():
            update(report.seen, report.total)
            for line in (*report.faults, *report.notes):
                click.echo(line)
            faults, seen = faults + len(report.faults), report.seen
    if faults:
        count, entries = plural(faults, "fault"), plural(seen, "entry", "entries")
        raise click.ClickException(f"{count} in {entries}.")
    intact = plural(seen, "entry is as it was", "entries are as they were")
    click.echo(f"{intact} written.")


@audit.command("accept-head")
@click.option("--reason", required=True, help="Why Redis lost the latest entry; kept in the trail.")
def accept_head(reason: str) -> None:
    """Accept that Redis lost the head of the trail.

    `audit verify` passes again, and the trail records the reason.
    """
    if not is_line(reason, 200):
        said = "--reason should be 1 to 200 characters, none of them invisible."
        raise click.ClickException(said)
    with services.watch.audit.act(COMMAND_LINE, HEAD_ACCEPTED, "audit:head", reason=reason):
        pass
    click.echo("Accepted. The trail records it.")
