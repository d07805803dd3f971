"""The lock of migrations: a second upgrade waits until the first has ended.

The lock belongs to the connection that changes the tables. If the program dies during a long
statement, the server continues it, and the next program waits for that too.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from wxlogin.database import faults

POLL_SECONDS = 0.5
SQLITE_SECONDS = 60.0
"""How long to wait for another writer: SQLite cannot distinguish it from another upgrade."""
NUMBER = int.from_bytes(hashlib.sha256(b"wxlogin.migrations").digest()[:8], signed=True)

WAITING = "Another upgrade is running; waiting for it to end."
WAITING_TO_WRITE = "Another program writes to the database; waiting for it to end."

Say = Callable[[str], None]


def acquire_migration_lock(connection: Connection, say: Say, *, in_transaction: bool) -> None:
    """Acquire the lock; report through `say` if that means waiting.

    With `in_transaction`, an open transaction holds the lock when this returns. Otherwise the
    connection holds it, and no transaction is open.
    """
    acquire = _lock_function(connection.dialect.name, in_transaction=in_transaction)
    started_at = time.monotonic()
    waiting = False
    while not acquire(connection, time.monotonic() - started_at):
        connection.rollback()
        if not waiting:
            say(WAITING_TO_WRITE if acquire is _write_lock else WAITING)
        waiting = True
        time.sleep(POLL_SECONDS)
    if not in_transaction:
        connection.commit()


def _lock_function(dialect: str, *, in_transaction: bool) -> Callable[[Connection, float], bool]:
    if dialect == "sqlite":
        return _write_lock
    if dialect == "postgresql":
        return _transaction_lock if in_transaction else _session_lock
    return _named_lock


def _transaction_lock(connection: Connection, _waited: float) -> bool:
    return bool(connection.scalar(text("SELECT pg_try_advisory_xact_lock(:n)"), {"n": NUMBER}))


def _session_lock(connection: Connection, _waited: float) -> bool:
    return bool(connection.scalar(text("SELECT pg_try_advisory_lock(:n)"), {"n": NUMBER}))


def _named_lock(connection: Connection, _waited: float) -> bool:
    """Take a lock of MySQL; the whole server shares the names, so ours contains the database's."""
    name = "SELECT GET_LOCK(CONCAT('wxlogin.', LEFT(SHA2(DATABASE(), 256), 40)), 0)"
    return bool(connection.scalar(text(name)))


def _write_lock(connection: Connection, waited: float) -> bool:
    """Begin a transaction, which acquires SQLite's single write lock."""
    try:
        connection.begin()
    except OperationalError as fault:
        if not faults.is_locked(fault.orig) or waited > SQLITE_SECONDS:
            raise
        return False
    return True
