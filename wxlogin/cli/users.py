"""`flask users`: the users of the mini-programs."""

from __future__ import annotations

import click

from wxlogin.cli.commands import TAKES_IDS, Group
from wxlogin.cli.user_files import export_users, import_users
from wxlogin.plural import plural
from wxlogin.services import services
from wxlogin.watch.audit import COMMAND_LINE

users = Group("users", help="The users of the mini-programs.")
users.command("import")(import_users)
users.command("export")(export_users)


@users.command("merge", context_settings=TAKES_IDS)
@click.argument("keep")
@click.argument("drop")
def merge(keep: str, drop: str) -> None:
    """Join two users of one person.

    DROP's history goes to KEEP, and what KEEP lacks; DROP's sessions end, and DROP is deleted. Both
    are public ids, and both have the same openid in the same mini-program.
    """
    merging, audit = services.accounts.merging, services.watch.audit
    with audit.act(COMMAND_LINE, "users.merge", f"user:{keep}", detail={"drop": drop}) as act:
        ended = merging.merge(keep, drop)
        act.detail = {"drop": drop, "ended": ended}
    click.echo(f"{drop} is joined into {keep}; {plural(ended, 'session')} ended.")
