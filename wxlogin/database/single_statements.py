"""Single statements, which need no transaction around them."""

from __future__ import annotations

from sqlalchemy import Engine


def single_statement_engine(engine: Engine, *, pgbouncer: bool) -> Engine:
    """Return an engine of the same pool for transactions of one statement.

    PostgreSQL runs it without BEGIN and COMMIT, each a round trip: a second statement would be a
    transaction of its own. Behind PgBouncer the transaction stays: it is what sets the time limit
    of its statements.
    """
    if pgbouncer or engine.dialect.name != "postgresql":
        return engine
    return engine.execution_options(isolation_level="AUTOCOMMIT")
