"""Finds out whether the server of a pooled connection is still there, before it is used."""

from __future__ import annotations

import select
import sys
import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

IDLE_SECONDS = 1.0
USED = "used"
"""The key in a connection's `info`: when it was returned to the pool."""


def check_idle(engine: Engine) -> None:
    """Replace all connections of the pool once one is found whose server is gone.

    The server is asked where the connection was idle for IDLE_SECONDS. `pool_pre_ping` asks at each
    use, a round trip; a server that ends a connection says so, and that is seen without one.
    """
    answers = engine.dialect._do_ping_w_event

    def checked_out(connection: Any, record: ConnectionPoolEntry, _fairy: Any) -> None:
        used = record.info.get(USED)
        if used is None:  # a new connection
            return
        idle = time.monotonic() - used >= IDLE_SECONDS
        if (idle or _has_word(connection)) and not answers(connection):
            raise InvalidatePoolError

    def checked_in(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[USED] = time.monotonic()

    event.listen(engine, "checkout", checked_out)
    event.listen(engine, "checkin", checked_in)


def _has_word(connection: Any) -> bool:
    """Return whether something came from the server unasked, such as the connection's end."""
    # psycopg has its own; PyMySQL has it in its socket alone.
    poll = _poll()
    poll.register(getattr(connection, "_sock", connection).fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _poll() -> select.poll:
    """Return one that does not wait: that of gevent would run its loop."""
    monkey = sys.modules.get("gevent.monkey")
    made: select.poll = monkey.get_original("select", "poll")() if monkey else select.poll()
    return made
