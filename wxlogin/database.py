"""The database: how it is connected to, and what each kind of it needs."""

from __future__ import annotations

import time
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from config import ROOT, Settings
from wxlogin.extensions import db, migrate
from wxlogin.watch import metrics

MIGRATIONS = ROOT / "migrations"
CONNECT_SECONDS = 3
STATEMENT_SECONDS = 5
MEASURED = ("select", "insert", "update", "delete")

_MYSQL = {
    "connect_timeout": CONNECT_SECONDS,
    "read_timeout": STATEMENT_SECONDS,
    "write_timeout": STATEMENT_SECONDS,
}
_CONNECT: dict[str, dict[str, Any]] = {
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "postgresql": {
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": STATEMENT_SECONDS * 1000,
        "options": f"-c statement_timeout={STATEMENT_SECONDS * 1000}",
    },
}
"""A server that hangs fails a login; it must not hold it for as long as it likes."""


def bind_database(app: Flask, settings: Settings) -> Engine:
    """Bind SQLAlchemy and the migrations to the app; give back what connects to the database."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _options(settings.database_url)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS))
    with app.app_context():
        engine = db.engine
    _measure(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _options(url: str) -> dict[str, Any]:
    # Statements in messages of faults must not carry their values.
    options: dict[str, Any] = {"hide_parameters": True, "pool_pre_ping": True}
    kind = make_url(url).get_backend_name()
    if kind == "sqlite":
        return options
    return options | {
        "pool_size": 10,
        "max_overflow": 20,
        "pool_timeout": CONNECT_SECONDS,
        "pool_recycle": 1800,
        # Nothing here reads one row twice; snapshots would only make logins wait for one another.
        "isolation_level": "READ COMMITTED",
        "connect_args": _CONNECT.get(kind, {}),
    }


def _measure(engine: Engine) -> None:
    """Time every statement, by its first word."""

    def begin(*execution: Any) -> None:
        execution[4].began = time.perf_counter()

    def end(*execution: Any) -> None:
        _, _, statement, _, context, _ = execution
        verb = statement.partition(" ")[0].lower()
        seconds = time.perf_counter() - context.began
        metrics.sql(verb if verb in MEASURED else "other").observe(seconds)

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Let readers and a writer work side by side, and hold foreign keys."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
