"""What commands print: progress, tables, and errors in place of tracebacks."""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from wxlogin.error_mapping import api_error
from wxlogin.errors import ApiError
from wxlogin.responses import STORE_FAULTS
from wxlogin.service_error import ServiceError


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on a terminal, and nothing elsewhere.

    Call what this yields with the number of items that are done, and of all items.
    """
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    hidden = not is_terminal(sys.stderr)
    with Progress(*columns, console=Console(stderr=True), disable=hidden) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, count: bar.update(task, completed=done, total=count)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], folded: Sequence[str]) -> str:
    """Return a table as wide as the terminal, or 80 columns without one.

    A Chinese character is two columns wide. Cells in the columns of `folded` are wrapped if needed.
    """
    found = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        found.add_column(column, no_wrap=column not in folded, overflow="fold")
    for row in rows:
        found.add_row(*(Text(cell) for cell in row))
    text = io.StringIO()
    Console(file=text, width=_width(), color_system=None, legacy_windows=False).print(found)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def when(at: datetime | None, zone: timezone) -> str:
    """Return a time of a zone, to the minute; the zone is named beside it or above its column."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else "never"


@contextmanager
def report_errors() -> Iterator[None]:
    """End the command with status 1 and a sentence if it is refused or cannot continue."""
    try:
        yield
    except ServiceError as error:
        raise _refusal(api_error(error)) from None
    except ApiError as error:
        raise _refusal(error) from None
    except STORE_FAULTS as fault:
        first_line = str(fault).partition("\n")[0]
        raise click.ClickException(f"A store is out: {first_line}") from None
    except KeyboardInterrupt:
        raise click.ClickException("Stopped.") from None
    except OSError as fault:
        if fault.errno == errno.EPIPE:  # the reader closed the pipe; click ends that quietly
            raise
        raise click.ClickException(f"Cannot go on: {fault.strerror or fault}.") from None


def _refusal(error: ApiError) -> click.ClickException:
    return click.ClickException(f"{error.entry.code}: {error.said}")


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal; None is one that was closed before the start."""
    return stream is not None and stream.isatty()


def _width() -> int:
    """Return the width of the terminal, at least 80: a narrower one wraps lines by itself."""
    return max(Console().width, 80) if is_terminal(sys.stdout) else 80
