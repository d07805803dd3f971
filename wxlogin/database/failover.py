"""Handles the failover of a database: the old server stays reachable, and refuses writes.

Pooled connections stay open and lead to the wrong server, or to one that was read-only when they
were opened. All of them are discarded after the first refused write.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from wxlogin.database import faults

READ_ONLY, OPENED, MONITOR = "read-only", "opened", "monitor"
"""The keys of a connection's `info` in a monitored pool."""
WRITABLE_QUERIES = {
    "postgresql": "SHOW transaction_read_only",
    "mysql": "SELECT @@global.read_only, @@global.innodb_read_only",
}
WRITABLE = {"0", "off"}


def takes_writes(connection: Connection) -> bool:
    """Return whether the server accepts writes; True for a system that cannot report it."""
    name = connection.dialect.name
    query = WRITABLE_QUERIES.get("mysql" if name == "mariadb" else name)
    return query is None or not _refuses(connection.exec_driver_sql(query).one())


def discard_pool(connection: Connection) -> None:
    """Replace every connection of this one's pool at its next checkout.

    This does nothing if the pool is not monitored.
    """
    monitor: _PoolMonitor | None = connection.info.get(MONITOR)
    if monitor:
        monitor.discard_all()


def survive_failover(engine: Engine, *, monitored: bool) -> None:
    """Discard all connections after one is refused as read-only or closed by the server.

    `monitored`: a connection that is read-only when it is opened is used once and not kept either,
    so that the first call after the server accepts writes again gets a usable one. This is not
    possible with PgBouncer, where a connection leads to no particular server.
    """
    event.listen(engine, "handle_error", _mark_disconnect)
    if monitored:
        monitor = _PoolMonitor("postgresql" if engine.dialect.name == "postgresql" else "mysql")
        event.listen(engine, "connect", monitor.opened)
        event.listen(engine, "checkout", monitor.checked_out)
        event.listen(engine, "checkin", monitor.checked_in)


class _PoolMonitor:
    """Decides which connections of a pool are used again."""

    def __init__(self, kind: str) -> None:
        self._query = WRITABLE_QUERIES[kind]
        self._discarded_at = 0.0

    def discard_all(self) -> None:
        """Discard all connections that are open now."""
        self._discarded_at = time.monotonic()

    def opened(self, connection: Any, record: ConnectionPoolEntry) -> None:
        """Store when a new connection was opened, and whether it is read-only."""
        record.info[MONITOR], record.info[OPENED] = self, time.monotonic()
        record.info[READ_ONLY] = _is_read_only(connection, self._query)

    def checked_out(self, _connection: Any, record: ConnectionPoolEntry, _fairy: Any) -> None:
        """Make the pool replace a connection that was discarded while it was idle."""
        if self._is_discarded(record):
            raise DisconnectionError

    def checked_in(self, _connection: Any, record: ConnectionPoolEntry) -> None:
        """Close a connection that was discarded in use, or was read-only when it was opened."""
        if record.info.get(READ_ONLY) or self._is_discarded(record):
            record.invalidate()

    def _is_discarded(self, record: ConnectionPoolEntry) -> bool:
        return bool(record.info.get(OPENED, 0.0) < self._discarded_at)


def _mark_disconnect(context: ExceptionContext) -> None:
    if faults.code(context.original_exception) in faults.MOVED:
        context.is_disconnect = True


def _is_read_only(connection: Any, query: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    connection.rollback()
    return _refuses(row)


def _refuses(row: Sequence[Any]) -> bool:
    return any(str(value).lower() not in WRITABLE for value in row)
