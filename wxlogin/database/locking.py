"""Row locks that work in the same way on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update
from sqlalchemy.orm import Session, scoped_session


def lock_rows(
    sql: Connection | Session | scoped_session[Any], model: Any, *which: ColumnElement[bool]
) -> None:
    """Lock rows of a model until the transaction ends; read them after this call.

    They are locked in the order of their ids: of two transactions that lock several rows of a table
    once, by their ids, one waits for the other, and never each for the other.
    """
    connection = sql if isinstance(sql, Connection) else sql.connection()
    if connection.dialect.name == "sqlite":
        # It has one writer and no SELECT FOR UPDATE; an update makes this transaction that writer.
        unsynchronized = {"synchronize_session": False}
        sql.execute(
            update(model).where(*which).values(id=model.id), None, execution_options=unsynchronized
        )
        return
    # Without the lock of a key, for which those would wait who write rows that refer to these.
    locking = select(model.id).where(*which).order_by(model.id).with_for_update(key_share=True)
    sql.execute(locking).all()
