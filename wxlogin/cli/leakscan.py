"""`flask leakscan`: leaked secrets in code, histories, bundles and logs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import with_appcontext
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from config import ConfigError
from wxlogin.cli.output import progress
from wxlogin.extensions import db
from wxlogin.keyring.held_secrets import HeldSecret, held_secrets
from wxlogin.leakscan.allow_list import AllowListFault, read_allow_list
from wxlogin.leakscan.content import Search
from wxlogin.leakscan.database_secrets import database_secret
from wxlogin.leakscan.findings import Finding
from wxlogin.leakscan.history import GitFault
from wxlogin.leakscan.known_secrets import KnownSecret, KnownSecrets
from wxlogin.leakscan.reports import Report, scan_files, scan_histories
from wxlogin.leakscan.sarif import describe, sarif
from wxlogin.leakscan.scan import How
from wxlogin.leakscan.settings_secrets import secrets_of
from wxlogin.plural import plural
from wxlogin.services import current_services
from wxlogin.vault import Vault
from wxlogin.wechat import AccessTokens

MEGABYTE = 1_000_000
existing = click.Path(exists=True, path_type=Path)


class ScanFault(click.ClickException):
    """A scan that cannot be made, or was stopped; status 1 means a find, so this is 2."""

    exit_code = 2


@click.command("leakscan")
@click.argument("paths", nargs=-1, required=True, type=existing)
@click.option("--history", is_flag=True, help="Scan the git history of PATH, not its files.")
@click.option("--json", "as_json", is_flag=True, help="Print SARIF 2.1.0.")
@click.option("--appid", default="", help="Decrypts a package of WeChat for PC (V1MMWX).")
@click.option(
    "--allow",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The allow list; by default .leakscan-allow in PATH, or in the current folder.",
)
@with_appcontext
def leakscan(
    paths: tuple[Path, ...], history: bool, as_json: bool, appid: str, allow: Path | None
) -> None:
    """Find leaked secrets; exit 1 on a find.

    PATH is a file or a folder: code, mini-program packages, archives, logs. The secrets of the
    settings and of the database are found by value in any form, others by shape.
    """
    if appid and not re.fullmatch("wx[0-9A-Za-z]{8,30}", appid):
        raise ScanFault("--appid should look like wx0123456789abcdef.")
    if other := next((path for path in paths if not (path.is_file() or path.is_dir())), None):
        raise ScanFault(f"{other} should be a file or a folder.")
    scan = scan_histories if history else scan_files
    with _faults():
        how = How(Search(KnownSecrets(_known_secrets())), appid)
        allowed = read_allow_list(allow, paths)
        with progress("MB") as tell:
            report = scan(paths, how, allowed, lambda n, m: tell(n // MEGABYTE, m // MEGABYTE))
    click.echo(sarif(report.findings, report.skipped) if as_json else _lines(report), nl=as_json)
    _conclude(report)


@contextmanager
def _faults() -> Iterator[None]:
    """End with status 2 and a sentence where the scan cannot be made."""
    try:
        yield
    except AllowListFault as fault:
        raise ScanFault(f"The allow list: {fault}.") from None
    except GitFault as fault:
        raise ScanFault(f"git: {fault}.") from None
    except KeyboardInterrupt:
        raise ScanFault("Stopped.") from None


def _known_secrets() -> list[KnownSecret]:
    """Return the secrets of the settings, of the database, and the access_tokens in Redis.

    Where some are missing, a line on standard error says what is not searched by value.
    """
    try:
        services = current_services()
    except ConfigError:
        click.echo("There are no settings: secrets are recognised by shape alone.", err=True)
        return []
    vault = Vault(services.settings.data_keys)
    held = list(_held_secrets(vault, services.wechat.access_tokens))
    if closed := sum(one.value is None for one in held):
        some = plural(closed, "secret")
        click.echo(f"No key of the settings opens {some} of the database.", err=True)
    found = [database_secret(one.place, one.row, one.value) for one in held if one.value]
    return secrets_of(services.settings) + found


def _held_secrets(vault: Vault, access_tokens: AccessTokens) -> Iterator[HeldSecret]:
    """Yield what the stores hold."""
    try:
        with db.engine.connect() as connection:
            held = list(held_secrets(connection, vault))
    except SQLAlchemyError:
        click.echo("The database is out: its secrets are recognised by shape alone.", err=True)
        return
    yield from held
    try:
        for appid in (one.row for one in held if one.place == "app.secret"):
            token = access_tokens.held(appid)
            yield from [HeldSecret("access_token", appid, token)] if token else []
    except RedisError:
        click.echo("Redis is out: access_tokens are recognised by shape alone.", err=True)


def _lines(report: Report) -> str:
    return "".join(f"{_line(finding)}\n" for finding in report.findings)


def _line(finding: Finding) -> str:
    commit = f", first in commit {finding.commit[:12]}" if finding.commit else ""
    return f"{finding.place}: {describe(finding)}{commit} [{finding.digest}]"


def _conclude(report: Report) -> None:
    """Say what was not searched, and the counts; end with the status of the scan."""
    for skip in report.skipped:
        click.echo(f"Not searched: {skip.path} {skip.reason}.", err=True)
    allowed = f", {report.allowed} allowed" if report.allowed else ""
    found = f"{plural(len(report.findings), 'find')}{allowed}"
    searched = f"{report.searched / MEGABYTE:.1f} MB"
    if report.stopped:
        raise ScanFault(f"Stopped after {searched} of {report.whole / MEGABYTE:.1f} MB; {found}.")
    click.echo(f"{found} in {plural(report.files, 'file')}, {searched}.", err=True)
    if report.findings:
        click.get_current_context().exit(1)
