"""SQL that waits: what else happens while a request stands between two statements."""

from __future__ import annotations

import threading
from typing import Any

from sqlalchemy import event

from tests.harness.site import Site
from wxlogin.extensions import db

SECONDS = 10


class HeldStatement:
    """Holds the first statement of a site that contains a text, until it is let go."""

    def __init__(self, site: Site, text: str) -> None:
        with site.app.app_context():
            self._engine = db.engine
        self._text = text
        self._first = threading.Lock()
        self._arrived, self._go = threading.Event(), threading.Event()

    def __enter__(self) -> HeldStatement:
        event.listen(self._engine, "before_cursor_execute", self._wait)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._wait)

    def arrived(self) -> bool:
        """Wait until a request has come to the statement."""
        return self._arrived.wait(SECONDS)

    def let_go(self) -> None:
        """Let the statement run."""
        self._go.set()

    def _wait(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if self._text in statement and self._first.acquire(blocking=False):
            self._arrived.set()
            assert self._go.wait(SECONDS), "the test let go of no statement"
