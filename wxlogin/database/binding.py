"""The SQLAlchemy engine of the app, with metrics and failover handling."""

from __future__ import annotations

import time
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from config import Settings
from wxlogin import metrics
from wxlogin.database import connecting
from wxlogin.database.failover import survive_failover
from wxlogin.database.idle_check import check_idle
from wxlogin.database.read_timeout import set_read_timeout
from wxlogin.database.revisions import MIGRATIONS
from wxlogin.extensions import db, migrate

POOL_SECONDS = 10
"""A login waits this long for a connection: its code is used, and a refusal costs a new one."""
MEASURED = ("select", "insert", "update", "delete")


def bind_database(app: Flask, settings: Settings) -> Engine:
    """Bind SQLAlchemy and the migrations to the app, and return the engine."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _options(settings)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS))
    with app.app_context():
        engine = db.engine
    _measure(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    set_read_timeout(engine)
    check_idle(engine)
    survive_failover(engine, monitored=not settings.database_pgbouncer)
    if settings.database_pgbouncer:
        connecting.set_timeout_per_transaction(engine)
    return engine


def _options(settings: Settings) -> dict[str, Any]:
    kind = make_url(settings.database_url).get_backend_name()
    options = connecting.options(
        kind, connecting.STATEMENT_SECONDS, pgbouncer=settings.database_pgbouncer
    )
    if kind == "sqlite":
        return options
    return options | {
        # No overflow: the sum over all workers must stay below the server's max_connections.
        "pool_size": settings.database_pool,
        "max_overflow": 0,
        "pool_timeout": POOL_SECONDS,
        "pool_recycle": 1800,
    }


def _measure(engine: Engine) -> None:
    """Measure the time of every statement, by what it does."""

    def start(*execution: Any) -> None:
        execution[4].started_at = time.perf_counter()

    def end(*execution: Any) -> None:
        _, _, statement, _, context, _ = execution
        # One that begins with WITH may be an INSERT.
        verb = "insert" if context.isinsert else statement.partition(" ")[0].lower()
        seconds = time.perf_counter() - context.started_at
        metrics.sql(verb if verb in MEASURED else "other").observe(seconds)

    event.listen(engine, "before_cursor_execute", start)
    event.listen(engine, "after_cursor_execute", end)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Let readers and a writer work concurrently, and enforce foreign keys."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
