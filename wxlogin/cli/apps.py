"""`flask apps`: mini-programs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from wxlogin.accounts import Apps
from wxlogin.accounts.app_access import Step
from wxlogin.accounts.app_admin import app_name, scan_page_path
from wxlogin.accounts.apps import ACTIVE
from wxlogin.cli.commands import Group
from wxlogin.cli.input import read_secret
from wxlogin.cli.output import progress
from wxlogin.plural import plural
from wxlogin.services import services
from wxlogin.settings.wechat_values import app_secret, pay_key, push_aes_key, push_token
from wxlogin.watch.audit import COMMAND_LINE, Act, Audit
from wxlogin.wechat import Credentials, ScanPage
from wxlogin.wechat.message_crypto import PushKeys

apps = Group("apps", help="Mini-programs and their AppSecrets.")
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
@click.option("--name", required=True, help="The name that operators see, up to 64 characters.")
@secret_option
def add(appid: str, name: str) -> None:
    """Register a mini-program."""
    try:
        app_name(name)
    except ValueError as fault:
        raise click.ClickException(f"--name {fault}.") from None
    credentials = _credentials(appid)
    app_admin, audit = services.accounts.app_admin, services.watch.audit
    with _audited(audit, "app.add", appid):
        app_admin.create(credentials, name)
    click.echo(f"{appid} is registered.")


@apps.command("list")
def list_apps() -> None:
    """List the mini-programs."""
    known, zone = services.accounts.apps.all(), services.settings.timezone
    for app in known.values():
        added = f"{app.created_at.astimezone(zone):%Y-%m-%d}"
        click.echo(f"{app.appid}  {app.status:8}  {added}  {app.name}")
    if not known:
        click.echo("No mini-program is registered; `flask --app wsgi apps add` does that.")


@apps.command("set-secret")
@appid_argument
@secret_option
def set_secret(appid: str) -> None:
    """Replace the AppSecret; no session ends.

    WeChat is asked first: if it does not take the new one, the old one is kept.
    """
    credentials = _credentials(appid)
    app_admin, audit = services.accounts.app_admin, services.watch.audit
    with _audited(audit, "app.set_secret", appid):
        app_admin.set_secret(credentials)
    click.echo(f"The AppSecret of {appid} is replaced; every worker uses it from here on.")
    click.echo(
        "The old access_token is dead in half a minute: a worker asks WeChat once more then."
    )


@apps.command("set-push-keys")
@appid_argument
@click.option(
    "--keys-stdin",
    is_flag=True,
    required=True,
    expose_value=False,
    help="Read Token and EncodingAESKey from standard input, each in a line of its own.",
)
def set_push_keys(appid: str) -> None:
    """Replace the keys of the message push.

    The ones before stay good for an hour, in which they are replaced in WeChat's console too.
    """
    keys = _push_keys()
    app_admin, audit = services.accounts.app_admin, services.watch.audit
    with _audited(audit, "app.set_push_keys", appid):
        app_admin.set_push_keys(appid, keys)
    click.echo(f"The push keys of {appid} are replaced; the ones before hold for an hour more.")


@apps.command("set-pay-key")
@appid_argument
@click.option("--sandbox", is_flag=True, help="It is the key of WeChat's sandbox environment.")
@click.option(
    "--secret-stdin",
    is_flag=True,
    required=True,
    expose_value=False,
    help="Read the AppKey from standard input; it never stands on the command line.",
)
def set_pay_key(appid: str, *, sandbox: bool) -> None:
    """Replace the AppKey of virtual payment.

    It is the live one without `--sandbox`.
    """
    try:
        key = pay_key(read_secret().strip())
    except ValueError as fault:
        raise click.ClickException(f"Standard input {fault}.") from None
    app_admin, audit = services.accounts.app_admin, services.watch.audit
    with _audited(audit, "app.set_pay_key", appid):
        app_admin.set_pay_key(appid, key, sandbox=sandbox)
    which = "sandbox AppKey" if sandbox else "AppKey"
    click.echo(f"The {which} of {appid} is replaced; every worker uses it from here on.")


@apps.command("set-scan-page")
@appid_argument
@click.option(
    "--page", required=True, help="Such as pages/scan/scan; an empty text is the main page."
)
@click.option(
    "--env-version",
    type=click.Choice(["release", "trial", "develop"]),
    default="release",
    show_default=True,
    help="The version of the mini-program that the scan opens.",
)
@click.option(
    "--check-path/--no-check-path",
    default=True,
    show_default=True,
    help="Let WeChat refuse a page that the released version has not.",
)
def set_scan_page(appid: str, page: str, env_version: str, *, check_path: bool) -> None:
    """Set the page that a scan on the web opens."""
    try:
        scan_page = ScanPage(scan_page_path(page), env_version, check_path)
    except ValueError as fault:
        raise click.ClickException(f"--page {fault}.") from None
    app_admin, audit = services.accounts.app_admin, services.watch.audit
    with _audited(audit, "app.set_scan_page", appid) as act:
        act.detail = {"page": page, "env_version": env_version, "check_path": check_path}
        app_admin.set_scan_page(appid, scan_page)
    click.echo(f"A scan opens {page or 'the main page'} of {appid} ({env_version}).")


@apps.command("disable")
@appid_argument
def disable(appid: str) -> None:
    """Refuse logins and end all sessions.

    May be stopped at any time and run again.
    """
    app_access, audit = services.accounts.app_access, services.watch.audit
    with _audited(audit, "app.disable", appid) as act:
        users, sessions = _run_steps(app_access.disable(appid, COMMAND_LINE.name), act)
    ended = plural(sessions, "session")
    click.echo(f"{appid} is disabled; {ended} of {plural(users, 'user')} ended.")


@apps.command("enable")
@appid_argument
def enable(appid: str) -> None:
    """Allow logins again.

    May be stopped at any time and run again.
    """
    app_access, audit = services.accounts.app_access, services.watch.audit
    with _audited(audit, "app.enable", appid) as act:
        users, _ = _run_steps(app_access.enable(appid), act)
    if services.accounts.apps.all()[appid].status != ACTIVE:
        raise click.ClickException(f"{appid} was disabled again meanwhile.")
    click.echo(f"{appid} is enabled; {plural(users, 'user')} can log in.")


def require_registered(known: Apps, appids: Sequence[str]) -> None:
    """End the command unless all appids are registered."""
    for appid in known.unregistered(appids):
        raise click.ClickException(f"{appid} is not registered; `apps list` shows those that are.")


@contextmanager
def _audited(audit: Audit, act: str, appid: str) -> Iterator[Act]:
    """Run the block as an audited act on a mini-program."""
    with audit.act(COMMAND_LINE, act, f"app:{appid}") as started:
        yield started


def _run_steps(steps: Iterator[Step], act: Act) -> tuple[int, int]:
    """Run all steps and return how many users there were, and how many sessions ended."""
    try:
        with progress("users") as update:
            for step in steps:
                update(step.seen, step.users)
                act.detail = {"users": step.seen, "ended": step.done}
    except KeyboardInterrupt:
        seen = plural(act.detail.get("users", 0), "user")
        raise click.ClickException(f"Stopped after {seen}. Run it again for the rest.") from None
    return act.detail.get("users", 0), act.detail.get("ended", 0)


def _push_keys() -> PushKeys:
    """Return Token and EncodingAESKey from standard input, both checked for their format."""
    try:
        return PushKeys(push_token(read_secret().strip()), push_aes_key(read_secret().strip()))
    except ValueError as fault:
        raise click.ClickException(
            f"Standard input should hold the Token and, in a second line, the EncodingAESKey; "
            f"each {fault}."
        ) from None


def _credentials(appid: str) -> Credentials:
    """Return the appid and the AppSecret from standard input, both checked for their format."""
    if not re.fullmatch("wx[0-9A-Za-z]{8,30}", appid):
        raise click.ClickException("APPID should look like wx0123456789abcdef.")
    try:
        return Credentials(appid, app_secret(read_secret().strip()))
    except ValueError as fault:
        raise click.ClickException(f"Standard input {fault}.") from None
