"""The database: connections, migrations, and the differences between database systems."""

from __future__ import annotations

from wxlogin.database.binding import MEASURED, bind_database
from wxlogin.database.connecting import lift_statement_timeout
from wxlogin.database.inserting import insert_new
from wxlogin.database.locking import lock_rows
from wxlogin.database.reading import reading_engine
from wxlogin.database.revisions import MIGRATIONS, require_migrated

__all__ = [
    "MEASURED",
    "MIGRATIONS",
    "bind_database",
    "insert_new",
    "lift_statement_timeout",
    "lock_rows",
    "reading_engine",
    "require_migrated",
]
