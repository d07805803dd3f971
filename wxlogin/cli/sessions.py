"""`flask sessions`: the sessions of users."""

from __future__ import annotations

import click

from wxlogin.accounts.reconciliation import Progress
from wxlogin.cli.commands import Group
from wxlogin.cli.output import progress
from wxlogin.plural import plural
from wxlogin.services import services
from wxlogin.watch.audit import COMMAND_LINE

sessions = Group("sessions", help="Sessions of users.")


@sessions.command("reconcile")
def reconcile() -> None:
    """End in Redis what the database says was ended for good.

    That is: sessions of users who were banned or erased, of disabled mini-programs, and of users
    whose sessions were all ended. A copy of Redis may have them again. May be stopped at any time
    and run again.
    """
    total = Progress(0, 0)
    with services.watch.audit.act(COMMAND_LINE, "sessions.reconcile", "sessions") as act:
        try:
            with progress("users") as update:
                for total in services.accounts.reconciliation.run():
                    update(total.users, total.users)
                    act.detail = total._asdict()
        except KeyboardInterrupt:
            raise click.ClickException(f"Stopped. {_summary(total)} Run it again.") from None
    click.echo(_summary(total))


def _summary(total: Progress) -> str:
    users, ended = plural(total.users, "user"), plural(total.ended, "session")
    return f"Looked at {users} whose sessions were ended for good; {ended} of theirs ended again."
