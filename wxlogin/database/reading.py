"""Single queries, which need no transaction."""

from __future__ import annotations

from sqlalchemy import Engine


def reading_engine(engine: Engine, *, pgbouncer: bool) -> Engine:
    """Return an engine of the same pool for single queries that change nothing.

    PostgreSQL answers them without BEGIN and COMMIT, each a round trip. Behind PgBouncer the
    transaction stays: it is what sets the time limit of its statements.
    """
    if pgbouncer or engine.dialect.name != "postgresql":
        return engine
    return engine.execution_options(isolation_level="AUTOCOMMIT")
