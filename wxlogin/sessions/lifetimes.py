"""How long sessions live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple


class Deadlines(NamedTuple):
    """When a session expires: if it is never used, and in any case."""

    unused: datetime
    last: datetime


@dataclass(frozen=True)
class Lifetimes:
    """The limits of a session in seconds: without use, and in all."""

    idle_ttl: int
    max_age: int

    def of(self, began: datetime) -> Deadlines:
        """Return the deadlines of a session that begins at a time."""
        last = began + timedelta(seconds=self.max_age)
        return Deadlines(min(began + timedelta(seconds=self.idle_ttl), last), last)
