"""`flask admin`: the accounts of the console."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import cast

import click

from wxlogin.cli.commands import Group
from wxlogin.cli.input import read_secret
from wxlogin.cli.output import is_terminal, table, when
from wxlogin.cli.tokens import TOKENS
from wxlogin.local_time import current_offset
from wxlogin.models import Admin
from wxlogin.operators import Operators
from wxlogin.operators.credentials import has_second_factor, require_name
from wxlogin.operators.passwords import random_password
from wxlogin.operators.permissions import ROLES, Role
from wxlogin.plural import plural
from wxlogin.services import services
from wxlogin.watch.audit import COMMAND_LINE, Audit
from wxlogin.watch.events import AdminEvent, Kind

MUST_CHANGE = "Let them do nothing before they have replaced the password."

admin = Group("admin", commands=TOKENS, help="Admins of the console, and API tokens of services.")
name_argument = click.argument("name")
password_option = click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input; it never stands on the command line.",
)


@admin.command("create")
@name_argument
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the admin may do.")
@password_option
@click.option("--must-change", is_flag=True, help=MUST_CHANGE)
@click.option("--first", is_flag=True, help="Do nothing if there is an admin already.")
def create(name: str, role: str, *, password_stdin: bool, must_change: bool, first: bool) -> None:
    """Create an admin.

    Asks for the password on a terminal; without one, generates a password and prints it once.
    """
    require_name(name)
    admins, audit = services.operators.admins, services.watch.audit
    others = admins.exists()
    if first and others:
        return
    prompts = is_terminal(sys.stdin) and not password_stdin
    password, generated = (_prompt(), False) if prompts else _password(from_stdin=password_stdin)
    with audit.act(COMMAND_LINE, "admin.create", f"admin:{name}", detail={"role": role}):
        admins.create(name, cast("Role", role), password, must_change_password=must_change)
    if others:  # who installs wxlogin knows of the first
        _report(name)
    click.echo(f"{name} may sign in at /admin/ as {role}.")
    _print_password(password, generated=generated)


@admin.command("invite")
@name_argument
@click.option("--role", type=click.Choice(ROLES), help="What the admin may do.")
def invite(name: str, role: str | None) -> None:
    """Invite an admin: print a link to set a password with.

    The link is good once, for three days. For an admin who has not accepted yet it is made anew,
    and the one before is void; then the role stays.
    """
    require_name(name)
    invitations, audit = services.operators.invitations, services.watch.audit
    invited = services.operators.admins.get_by_name(name) if role is None else None
    detail = {"role": role} if role else {}
    with audit.act(COMMAND_LINE, "admin.invite", f"admin:{name}", detail=detail):
        made = (
            invitations.renew(invited) if invited else invitations.create(name, cast("Role", role))
        )
    if invited is None:
        _report(name)
    until = when(made.until, current_offset(services.settings.timezone, services.clock))
    click.echo(f"{name} may set a password until {until} (shown this once):")
    click.echo(f"{services.settings.public_url}/admin/invitation#{made.code}")


@admin.command("list")
def list_admins() -> None:
    """List the admins."""
    zone = current_offset(services.settings.timezone, services.clock)
    columns = ("Role", "State", "Second factor", f"Last sign-in ({zone})", "Name")
    rows = [
        (
            found.role,
            _state(found),
            "yes" if has_second_factor(found) else "no",
            when(found.last_login_at, zone),
            found.name,
        )
        for found in services.operators.admins.all()
    ]
    click.echo(
        table(columns, rows, ["Name"]) if rows else "There is no admin; `admin create` makes one."
    )


@admin.command("disable")
@name_argument
def disable(name: str) -> None:
    """Refuse an admin's sign-in and end their sessions."""
    operators, audit = services.operators, services.watch.audit
    ended = _change(
        operators,
        audit,
        name,
        "admin.change",
        lambda found: operators.admins.set_disabled(found, disabled=True),
        {"disabled": True},
    )
    click.echo(f"{name} is disabled; {ended}.")


@admin.command("reset-password")
@name_argument
@password_option
@click.option("--must-change", is_flag=True, help=MUST_CHANGE)
def reset_password(name: str, *, password_stdin: bool, must_change: bool) -> None:
    """Give an admin a new password and end their sessions.

    Generates the password and prints it once, unless it is read from standard input.
    """
    password, generated = _password(from_stdin=password_stdin)
    operators, audit = services.operators, services.watch.audit
    ended = _change(
        operators,
        audit,
        name,
        "admin.reset_password",
        lambda found: operators.admins.set_password(found, password, must_change=must_change),
    )
    click.echo(f"{name} has a new password; {ended}.")
    _print_password(password, generated=generated)


@admin.command("reset-totp")
@name_argument
def reset_second_factor(name: str) -> None:
    """Remove an admin's second factor and end their sessions.

    Where a second factor is required, the admin sets up a new one at the next sign-in.
    """
    operators, audit = services.operators, services.watch.audit
    delete = operators.admins.delete_second_factor
    ended = _change(operators, audit, name, "admin.reset_totp", delete)
    click.echo(f"{name} has no second factor any more; {ended}.")


def _state(found: Admin) -> str:
    if found.disabled_at:
        return "disabled"
    return "invited" if found.invitation_digest else "active"


def _report(name: str) -> None:
    """Tell the others of a new admin."""
    event = AdminEvent(kind=Kind.ADMIN_CREATED, by=COMMAND_LINE.name, target=name)
    services.watch.recorder.record(event)


def _change(
    operators: Operators,
    audit: Audit,
    name: str,
    act: str,
    change: Callable[[Admin], None],
    detail: dict[str, object] | None = None,
) -> str:
    """Change an account, write the audit trail, and return how many sessions ended, as text."""
    found = operators.admins.get_by_name(name)
    with audit.act(COMMAND_LINE, act, f"admin:{name}", detail=detail) as entry:
        ended = entry.detail["ended"] = operators.change(found, change)
    return f"{plural(ended, 'session')} ended"


def _password(*, from_stdin: bool) -> tuple[str, bool]:
    """Return a password, and whether it was generated."""
    return (read_secret(), False) if from_stdin else (random_password(), True)


def _prompt() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _print_password(password: str, *, generated: bool) -> None:
    if generated:
        click.echo(f"Password (shown this once): {password}")
