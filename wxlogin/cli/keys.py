"""`flask keys`: the keys of the settings."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import click

from wxlogin.cli.commands import Group
from wxlogin.cli.output import progress, when
from wxlogin.keyring.report import KeyLine, Report
from wxlogin.keyring.rotation import BOTH, RowKind
from wxlogin.local_time import current_offset
from wxlogin.plural import plural
from wxlogin.services import Keyring, services
from wxlogin.vault.derivation import KeyKind
from wxlogin.watch.audit import COMMAND_LINE

keys = Group("keys", help="The keys of the settings.")
WORDS = {"data": ("row", "sealed"), "index": ("user", "indexed")}
"""What a rotation counts, and what it does."""


@keys.command("list")
def list_keys() -> None:
    """List the keys, who needs each, and what hosts have."""
    report = services.keyring.reports.count()
    for line in report.keys:
        click.echo(_key(line))
    for text in _hosts(report):
        click.echo(text)
    if report.lost:
        needed = plural(report.lost, "row needs", "rows need")
        click.echo(f"{needed} a key that the settings do not name.")


@keys.command("rotate")
@click.option("--compromised", metavar="ID", help="An older key that somebody else may have.")
def rotate(compromised: str | None) -> None:
    """Seal all rows under the newest data key.

    May be stopped at any time and run again. With --compromised, as `keys list` names the key,
    everything ends at once that it signed or sealed.
    """
    keyring = services.keyring
    if compromised is None:
        _run(keyring, ["data"], "keys.rotate")
        return
    kind, key_id = keyring.compromise.find(compromised)
    keyring.hosts.require_agreement()
    _end_what_it_signed(keyring, kind, key_id)
    _run(keyring, BOTH, "keys.rotate")
    click.echo(keyring.compromise.could_have_read(kind))


@keys.command("reindex")
def reindex() -> None:
    """Index all users under the newest index key.

    May be stopped at any time and run again.
    """
    _run(services.keyring, ["index"], "keys.reindex")


@keys.command("give-up")
@click.argument("key", metavar="KIND:ID")
@click.confirmation_option(prompt="What this key sealed or indexed can never be read. Go on?")
def give_up(key: str) -> None:
    """Start without a key that is lost for good."""
    kind, _, key_id = key.partition(":")
    if kind not in WORDS:
        raise click.ClickException("KIND should be data or index.")
    known, audit = services.keyring.known, services.watch.audit
    with audit.act(COMMAND_LINE, "keys.give_up", f"key:{key}") as act:
        rows = known.give_up(cast("KeyKind", kind), key_id)
        act.detail = {"rows": rows}
    click.echo(f"{key} is given up; {plural(rows, 'row')} needed it.")


def _run(keyring: Keyring, kinds: Sequence[RowKind], act: str) -> None:
    """Rotate these kinds, and say for each what was done."""
    for kind in kinds:
        row, done_word = WORDS[kind]
        began, done, stuck = time.monotonic(), 0, 0
        with services.watch.audit.act(COMMAND_LINE, act, "keys") as started:
            with progress(f"{row}s") as update, _stoppable():
                for _, step in keyring.rotation.run([kind]):
                    done, stuck = step.done, step.stuck
                    update(step.done, step.total)
            started.detail = {"kind": kind, "done": done, "stuck": stuck}
        rate = done / max(time.monotonic() - began, 0.001)
        click.echo(f"{plural(done, row)} {done_word} anew, {rate:.0f} a second.")
        if stuck:
            _tell_stuck(kind, stuck)


def _tell_stuck(kind: RowKind, stuck: int) -> None:
    left = f"{plural(stuck, WORDS[kind][0])} left as they are: "
    if kind == "data":
        raise click.ClickException(f"{left}what they hold does not open. The log names them.")
    raise click.ClickException(
        f"{left}their openid does not open, or their person has another user. The log names them; "
        "`flask --app wsgi users merge KEEP DROP` joins two."
    )


def _end_what_it_signed(keyring: Keyring, kind: KeyKind, key_id: str) -> None:
    """End what a key signed or sealed, and say how much that was."""
    compromise, name = keyring.compromise, f"{kind}:{key_id}"
    with services.watch.audit.act(COMMAND_LINE, "keys.compromised", f"key:{name}") as act:
        ended = 0
        with progress("users") as update, _stoppable():
            for step in compromise.end(kind, key_id):
                ended = step.sessions
                update(step.seen, step.users)
        failed = compromise.replace_access_tokens() if kind == "data" else []
        act.detail = {"ended": ended, "access_tokens_left": failed}
    click.echo(f"{plural(ended, 'session')} ended that {name} signed or sealed.")
    for appid in failed:
        click.echo(f"WeChat did not replace the access_token of {appid}; `apps set-secret` does.")


@contextmanager
def _stoppable() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise click.ClickException("Stopped. Run it again for the rest.") from None


def _key(line: KeyLine) -> str:
    count = line.key
    newest = "newest" if count.newest else "older"
    rows = "" if count.rows is None else plural(count.rows, "row")
    until = ""
    if line.until:
        what = "tokens" if count.kind == "signing" else "parts of Redis"
        zone = current_offset(services.settings.timezone, services.clock)
        until = f"  {what} until {when(line.until, zone)} {zone}"
    name = count.id or "-"
    return f"{count.kind:8}{name:17}{count.fingerprint}  {newest:8}{rows}{until}".rstrip()


def _hosts(report: Report) -> Iterator[str]:
    for line in report.hosts:
        agrees = "same keys" if line.agrees else "OTHER KEYS"
        yield f"host {line.host}  {plural(line.workers, 'worker')}  {line.version}  {agrees}"
    yield from report.steps
    rotation = report.rotation
    if rotation and rotation.state != "done":
        yield (f"rotation ({rotation.kind}): {rotation.state}, {rotation.done} of {rotation.total}")
