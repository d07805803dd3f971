"""How commands tell of progress and of refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from wxlogin.errors import ApiError
from wxlogin.replies import STORE_FAULTS


@contextmanager
def counted(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal; tell it how many are done and how many there are."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, count: progress.update(task, completed=done, total=count)


@contextmanager
def refusals_told() -> Iterator[None]:
    """End the command with status 1 and a sentence where an engine refuses."""
    try:
        yield
    except ApiError as refusal:
        fields = "".join(f" {name} {reason}." for name, reason in refusal.fields)
        raise click.ClickException(f"{refusal.entry.code}: {refusal.detail}{fields}") from None
    except STORE_FAULTS as fault:
        said = str(fault).partition("\n")[0]
        raise click.ClickException(f"A store is out: {said}") from None
