"""SQLite as tests need it: each has its own file and its own app, for less than a second.

Nothing waits for the disk, and what one app compiled of a statement serves all others: their
statements are the same ones, and to compile them is much of what it costs to start an app.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

STATEMENTS = 2000
COMPILED: LRUCache[Any, Any] = LRUCache(STATEMENTS)


def install() -> None:
    """Have all engines of this process so from now on."""
    # A statement is kept with its dialect, and each engine has one of its own.
    SQLiteDialect_pysqlite.__eq__ = _equal  # type: ignore[method-assign, assignment]
    SQLiteDialect_pysqlite.__hash__ = _hash  # type: ignore[method-assign, assignment]
    event.listen(Engine, "engine_connect", _share_compiled)
    event.listen(Engine, "connect", _without_sync)


def _equal(one: SQLiteDialect_pysqlite, other: object) -> bool:
    return type(one) is type(other)


def _hash(one: SQLiteDialect_pysqlite) -> int:
    return hash(type(one))


def _share_compiled(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execution_options(compiled_cache=COMPILED)


def _without_sync(connection: Any, _record: Any) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        connection.execute("PRAGMA synchronous=OFF")
