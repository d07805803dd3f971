"""Watches that no thread takes a second connection of the SQL pool while it has one.

Requests that did would wait for one another as soon as there are more of them than connections.
"""

from __future__ import annotations

import threading
import traceback
from typing import Any

from flask import Flask
from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry

from wxlogin.extensions import db


class Checkouts:
    """Keeps where a thread took a second connection."""

    def __init__(self, app: Flask) -> None:
        self.nested: list[str] = []
        self._holders: dict[ConnectionPoolEntry, int] = {}
        with app.app_context():
            engine = db.engine
        event.listen(engine, "checkout", self._taken)
        event.listen(engine, "checkin", self._returned)

    def _taken(self, _connection: Any, record: ConnectionPoolEntry, _fairy: Any) -> None:
        thread = threading.get_ident()
        if thread in self._holders.values():
            self._note(traceback.extract_stack())
        self._holders[record] = thread

    def _note(self, stack: traceback.StackSummary) -> None:
        frames = [frame for frame in reversed(stack) if "/wxlogin/" in frame.filename]
        if frames:  # a test may take as many as it likes
            self.nested.append(" < ".join(f"{frame.name}:{frame.lineno}" for frame in frames))

    def _returned(self, _connection: Any, record: ConnectionPoolEntry) -> None:
        self._holders.pop(record, None)
