"""The database: connections, migrations, and the differences between database systems."""

from __future__ import annotations

from wxlogin.database.binding import MEASURED, bind_database
from wxlogin.database.connecting import lift_statement_timeout
from wxlogin.database.inserting import insert_new
from wxlogin.database.locking import lock_rows
from wxlogin.database.revisions import MIGRATIONS, require_migrated
from wxlogin.database.single_statements import single_statement_engine

__all__ = [
    "MEASURED",
    "MIGRATIONS",
    "bind_database",
    "insert_new",
    "lift_statement_timeout",
    "lock_rows",
    "require_migrated",
    "single_statement_engine",
]
