"""The options of connections, and the time limit of statements."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, make_url

from wxlogin.database.read_timeout import remove_read_timeout, set_read_timeout

CONNECT_SECONDS = 3
STATEMENT_SECONDS = 5
"""After this long the server ends a statement; `read_timeout.py` is for one that hangs."""

STATEMENT_OPTION = "wxlogin_statement_seconds"
"""The execution option of an engine whose statements may take longer."""
SET_TIMEOUT = "SET LOCAL statement_timeout = {}"
MYSQL = ("mysql", "mariadb")


def options(kind: str, seconds: int | None, *, pgbouncer: bool) -> dict[str, Any]:
    """Return the options of an engine whose statements may take `seconds`; None is no limit."""
    # Error messages must not contain the values of statements.
    shared: dict[str, Any] = {"hide_parameters": True}
    if kind == "sqlite":
        return shared
    # No transaction reads a row twice; snapshots would only make logins wait for one another.
    shared["isolation_level"] = "READ COMMITTED"
    if kind in MYSQL:
        times = {"read_timeout": seconds, "write_timeout": seconds}
        return shared | {"connect_args": {"connect_timeout": CONNECT_SECONDS, **times}}
    connect = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": STATEMENT_SECONDS * 1000}
    if pgbouncer:
        # PgBouncer accepts no startup options, and the next transaction may use another server
        # connection, which does not know the statements that were prepared on this one.
        return shared | {"connect_args": {**connect, "prepare_threshold": None}}
    return shared | {"connect_args": {**connect, "options": _startup_options(seconds)}}


def separate_engine(url: str, seconds: int, *, pgbouncer: bool) -> Engine:
    """Return an engine apart from the app's, whose statements may take `seconds`.

    It keeps a connection from one use to the next; the caller disposes of it.
    """
    kind = make_url(url).get_backend_name()
    engine = create_engine(
        url,
        pool_size=1,
        execution_options={STATEMENT_OPTION: seconds},
        **options(kind, seconds, pgbouncer=pgbouncer),
    )
    set_read_timeout(engine, seconds)
    if pgbouncer:
        set_timeout_per_transaction(engine)
    return engine


def set_timeout_per_transaction(engine: Engine) -> None:
    """Set the statement timeout at the beginning of each transaction, for PgBouncer."""
    event.listen(engine, "begin", _set_timeout)


def lift_statement_timeout(engine: Engine) -> None:
    """Remove the statement timeout from here on: nobody waits for the response of a command.

    Calling this again has no effect.
    """
    if event.contains(engine, "do_connect", _remove_timeouts):
        return
    remove_read_timeout(engine)
    event.listen(engine, "do_connect", _remove_timeouts)
    if event.contains(engine, "begin", _set_timeout):
        event.remove(engine, "begin", _set_timeout)
        event.listen(engine, "begin", _clear_timeout)
    # A connection in use would never be closed: its pool would be gone when it is returned.
    if not cast("QueuePool", engine.pool).checkedout():
        engine.dispose()


def _remove_timeouts(_dialect: Any, _record: Any, _given: Any, parameters: dict[str, Any]) -> None:
    for name in ("read_timeout", "write_timeout"):
        parameters.pop(name, None)
    if "options" in parameters:
        parameters["options"] = _startup_options(None)


def _set_timeout(connection: Connection) -> None:
    seconds = connection.get_execution_options().get(STATEMENT_OPTION, STATEMENT_SECONDS)
    connection.exec_driver_sql(SET_TIMEOUT.format(seconds * 1000))


def _clear_timeout(connection: Connection) -> None:
    connection.exec_driver_sql(SET_TIMEOUT.format(0))


def _startup_options(seconds: int | None) -> str:
    return f"-c statement_timeout={(seconds or 0) * 1000}"
