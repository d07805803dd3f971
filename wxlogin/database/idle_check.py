"""Finds out whether the server of a pooled connection is still there, before it is used."""

from __future__ import annotations

import select
import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from wxlogin.unpatched import original

IDLE_SECONDS = 1.0
RETURNED_AT = "returned_at"
"""The key in a connection's `info`: when it was returned to the pool."""


def check_idle(engine: Engine) -> None:
    """Replace all connections of the pool once one is found whose server is gone.

    The server is asked where the connection was idle for IDLE_SECONDS. `pool_pre_ping` asks at each
    use, a round trip. A server that ends a connection says so, which is seen without one; only one
    that vanishes without a word costs who used it a moment ago an error.
    """
    answers = engine.dialect._do_ping_w_event

    def checked_out(connection: Any, record: ConnectionPoolEntry, _fairy: Any) -> None:
        returned = record.info.get(RETURNED_AT)
        if returned is None:  # a new connection
            return
        idle = time.monotonic() - returned >= IDLE_SECONDS
        if (idle or _has_unread_input(connection)) and not answers(connection):
            raise InvalidatePoolError

    def checked_in(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[RETURNED_AT] = time.monotonic()

    event.listen(engine, "checkout", checked_out)
    event.listen(engine, "checkin", checked_in)


def _has_unread_input(connection: Any) -> bool:
    """Return whether something came unasked, such as the connection's end, or it is closed."""
    # PyMySQL has its descriptor in its socket alone.
    socket = getattr(connection, "_sock", connection)
    if socket is None or getattr(connection, "closed", False):
        return True
    poll: select.poll = original("select", "poll")()
    poll.register(socket.fileno(), select.POLLIN)
    return bool(poll.poll(0))
