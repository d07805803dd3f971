"""The access log: one line for each request.

Operators select the line by its logger, which is named after this file.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextvars import Context

from wxlogin.guard.request_context import RequestInfo
from wxlogin.logs.redaction import redact

LONGEST_PATH = 200
MOST_PENDING = 64
"""Lines that wait at most: what a worker that is killed may lose."""

logger = logging.getLogger(__name__)

Line = dict[str, str | int | float]


def log_request(info: RequestInfo) -> None:
    """Write the line of an answered request. What is bound to the log's context stands in it."""
    if logger.isEnabledFor(logging.INFO):
        _write(_line(info), time.time())


class AccessLines:
    """The lines of the calls that are made most.

    A worker with an event loop writes the lines of one pass of the loop in a row, once all that was
    ready is answered: a line costs half as much then. Of what is bound to the log's context they
    have what `RequestInfo` knows.
    """

    def __init__(self) -> None:
        self._schedule: Callable[[Callable[[], None]], object] | None = None
        self._pending: list[tuple[Line, float]] = []

    def write_by(self, schedule: Callable[[Callable[[], None]], object]) -> None:
        """Write from now on when `schedule` calls back; until then, each line at once."""
        self._schedule = schedule

    def add(self, info: RequestInfo) -> None:
        """Write the line of an answered request, by the end of this pass of the loop."""
        if self._schedule is None:
            log_request(info)
        elif logger.isEnabledFor(logging.INFO):
            line = _line(info, request_id=info.request_id, user=info.user)
            self._pending.append((line, time.time()))
            if len(self._pending) == 1:
                self._schedule(self.flush)
            elif len(self._pending) >= MOST_PENDING:
                self.flush()

    def flush(self) -> None:
        """Write the lines that wait; what is bound to the log's context here is of none of them."""
        pending, self._pending = self._pending, []
        Context().run(_write_all, pending)


access_lines = AccessLines()
"""Those of this process."""


def _line(info: RequestInfo, **named: str) -> Line:
    path = info.path
    if len(path) > LONGEST_PATH:  # redacted before it is cut: half a secret is not recognised
        path = redact(path)[:LONGEST_PATH]
    return {
        "event": "request",
        **named,
        "method": info.method,
        "path": path,
        "status": info.status,
        "ms": round(info.milliseconds, 1),
        "address": info.address,
    }


def _write_all(lines: Sequence[tuple[Line, float]]) -> None:
    for line, answered in lines:
        _write(line, answered)


def _write(line: Line, answered: float) -> None:
    # `logger.info` would first look for its caller.
    record = logger.makeRecord(logger.name, logging.INFO, "", 0, line, (), None)
    record.created = answered
    logger.handle(record)
