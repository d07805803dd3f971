"""Keeps an engine from the database until what the start could not check was checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError


class DatabaseNotReady(OperationalError):
    """The database may not be used yet. `refused`: it answers, and the check said no."""

    def __init__(self, reason: str, *, refused: bool = False) -> None:
        super().__init__(None, None, RuntimeError(reason))
        self.refused = refused

    def __str__(self) -> str:
        """Return the reason alone: no statement belongs to it."""
        return str(self.orig)


def check_before_use(engine: Engine, require: Callable[[], None]) -> None:
    """Call `require` before each connection is opened, and before each use of an open one.

    It raises DatabaseNotReady, and then no connection is opened or used.
    """

    def look(*_given: Any) -> None:
        require()

    event.listen(engine, "do_connect", look)
    event.listen(engine, "checkout", look)
