"""The revision of a database, and the one that this program needs."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from click import ClickException
from sqlalchemy import Connection

from config import ROOT

MIGRATIONS = ROOT / "migrations"
UPGRADE = "run `flask --app wsgi db upgrade`"
# Alembic's own reader makes this table anew at each reading, and SQLAlchemy would keep a compiled
# statement of each: /readyz would fill a worker's memory.
_VERSIONS = sa.table("alembic_version", sa.column("version_num", sa.String))


@cache
def scripts() -> ScriptDirectory:
    """Return the migrations of this program."""
    return ScriptDirectory(str(MIGRATIONS))


def found(connection: Connection) -> tuple[str, ...]:
    """Return the revision of the database; empty if it was never migrated."""
    if not sa.inspect(connection).has_table(_VERSIONS.name):
        return ()
    return tuple(connection.scalars(sa.select(_VERSIONS.c.version_num)))


def unknown(revisions: tuple[str, ...]) -> list[str]:
    """Return the revisions that this program does not know: a newer version's."""
    known = {script.revision for script in scripts().walk_revisions()}
    return sorted(set(revisions) - known)


def require_migrated(connection: Connection) -> None:
    """Raise ClickException for a database without tables, or with those of an older version.

    A newer revision is accepted: during an upgrade the old program runs beside the new one.
    """
    revisions = found(connection)
    wanted = scripts().get_heads()
    if not revisions:
        raise ClickException(f"The database is not migrated; {UPGRADE}.")
    if set(revisions) != set(wanted) and not unknown(revisions):
        at, needed = ", ".join(revisions), ", ".join(wanted)
        raise ClickException(
            f"The database is not migrated: it is at {at}, this program needs {needed}; {UPGRADE}."
        )
