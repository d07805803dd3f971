"""`flask users import` and `flask users export`: users from a file, and into one."""

from __future__ import annotations

import filecmp
import io
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

import click

from wxlogin.accounts.apps import MiniProgram
from wxlogin.accounts.import_files import (
    CsvWriter,
    HeaderWrong,
    JsonWriter,
    Line,
    RowWriter,
    is_json,
    read_lines,
    reject_writer,
)
from wxlogin.accounts.import_rows import FIELDS, REASON
from wxlogin.accounts.importing import Tally
from wxlogin.cli.output import progress
from wxlogin.plural import plural
from wxlogin.services import services
from wxlogin.watch.audit import COMMAND_LINE

KILOBYTE = 1024
path = click.Path(dir_okay=False, path_type=Path)


@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--appid", required=True, help="The mini-program whose openids these are.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what an import would do.")
@click.option("--rejects", type=path, help="Where rejected rows go; FILE.rejects by default.")
def import_users(file: Path, appid: str, dry_run: bool, rejects: Path | None) -> None:
    """Import users from CSV with a header, or from JSON lines.

    The fields are openid, unionid, phone, external_id, nickname, avatar_url and created_at; all but
    openid may be empty. A user who is there gets what they lack, so it may be stopped and repeated.
    """
    app, audit = services.accounts.apps.get(appid), services.watch.audit
    rejects = rejects or file.with_name(f"{file.name}.rejects")
    if rejects.exists() and rejects.samefile(file):
        raise click.UsageError("--rejects names FILE itself.")
    tally, began = Tally(), time.monotonic()
    act = "users.import_dry_run" if dry_run else "users.import"
    with audit.act(COMMAND_LINE, act, f"app:{appid}") as started, _stoppable(), _keeping(rejects):
        for tally in _import(app, file, rejects, dry_run=dry_run):
            started.detail = tally._asdict()
    _say(tally, time.monotonic() - began, rejects, dry_run=dry_run)


def _import(app: MiniProgram, file: Path, rejects: Path, *, dry_run: bool) -> Iterator[Tally]:
    """Import a file and yield what was done so far."""
    importing, size = services.accounts.user_files.importing, file.stat().st_size // KILOBYTE
    with file.open("rb") as raw, progress("kB") as update:
        json_lines = is_json(_first(raw), file.name)
        text = io.TextIOWrapper(raw, "utf-8-sig", errors="surrogateescape", newline="")
        lines = read_lines(text, json_lines=json_lines)
        with _rejecting(rejects, json_lines=json_lines) as reject:
            for tally in importing.run(app, lines, reject, dry_run=dry_run):
                update(raw.tell() // KILOBYTE, size)
                yield tally


@click.option("--appid", required=True, help="The mini-program whose users are exported.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl"]),
    default="csv",
    help="How it is written.",
)
def export_users(appid: str, form: str) -> None:
    """Write the users of a mini-program to standard output.

    An import takes them as they are. This is personal data in clear text: write it to a file that
    nobody else can read.
    """
    app, audit = services.accounts.apps.get(appid), services.watch.audit
    count = unreadable = 0
    with audit.act(COMMAND_LINE, "users.export", f"app:{appid}") as started, _stoppable():
        text, out = io.StringIO(), sys.stdout.buffer
        writer = JsonWriter(text) if form == "jsonl" else CsvWriter(text, FIELDS)
        with progress("users") as update:
            for batch in services.accounts.user_files.exporting.run(app):
                for user in batch:
                    writer.write(user.fields)
                    unreadable += bool(user.unreadable)
                count += len(batch)
                _flush(text, out)
                update(count, count)
                started.detail = {"users": count, "unreadable": unreadable}
        _flush(text, out)
    click.echo(f"{plural(count, 'user')} exported.", err=True)
    if unreadable:
        raise click.ClickException(f"{plural(unreadable, 'user')} with data that no key opens.")


def _flush(text: io.StringIO, out: BinaryIO) -> None:
    """Write what was gathered, and begin anew."""
    out.write(text.getvalue().encode())
    out.flush()
    text.seek(0)
    text.truncate()


def _first(raw: BinaryIO) -> str:
    """Return the first character of a file that is no byte-order mark; it is read again later."""
    start = raw.read(64).removeprefix(b"\xef\xbb\xbf")
    raw.seek(0)
    return start.decode("utf-8", "replace")


@contextmanager
def _rejecting(file: Path, *, json_lines: bool) -> Iterator[Callable[[Line, str], None]]:
    """Yield what writes a rejected row and its reason; without one there is no file afterwards.

    Its rows are personal data: nobody but the owner can read the file.
    """
    with ExitStack() as stack:
        opened: list[RowWriter] = []

        def write(line: Line, reason: str) -> None:
            if not opened:
                stream = stack.enter_context(_private(file))
                opened.append(reject_writer(stream, json_lines=json_lines))
            row = {"row": line.text} if line.text else dict(line.fields)
            opened[0].write({**row, REASON: reason})

        yield write


def _private(file: Path) -> TextIO:
    """Create a file that nobody else can read."""
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return file.open("w", encoding="utf-8", errors="surrogateescape", newline="")


@contextmanager
def _keeping(file: Path) -> Iterator[None]:
    """Set the rejects of an earlier run aside: somebody may have mended them.

    They go where this run rejects the very same.
    """
    if not file.exists():
        yield
        return
    kept = _free_name(file)
    file.rename(kept)
    try:
        yield
    finally:
        if file.exists() and filecmp.cmp(kept, file, shallow=False):
            kept.unlink()
        else:
            click.echo(f"The {file} of an earlier run is kept: {kept}")


def _free_name(file: Path) -> Path:
    names = (file.with_name(f"{file.name}.{number}") for number in itertools.count(1))
    return next(name for name in names if not name.exists())


@contextmanager
def _stoppable() -> Iterator[None]:
    try:
        yield
    except HeaderWrong as wrong:
        raise click.ClickException(str(wrong)) from None
    except KeyboardInterrupt:
        raise click.ClickException("Stopped. Run it again for the rest.") from None


def _say(tally: Tally, seconds: float, rejects: Path, *, dry_run: bool) -> None:
    rate = tally.rows / max(seconds, 0.001)
    verb = "would be" if dry_run else "were"
    click.echo(
        f"Of {plural(tally.rows, 'row')}, {tally.created} {verb} created, {tally.changed} "
        f"completed, {tally.unchanged} left as they are, {tally.rejected} rejected; "
        f"{rate:.0f} a second."
    )
    if tally.rejected:
        click.echo(f"The rejected rows and why: {rejects}")
