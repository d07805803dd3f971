"""Row locks that work in the same way on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, update
from sqlalchemy.orm import Session, scoped_session


def lock_rows(
    sql: Connection | Session | scoped_session[Any], model: Any, *which: ColumnElement[bool]
) -> None:
    """Lock rows of a model until the transaction ends; read them after this call.

    An update locks on every system, even without a change; SQLite has no SELECT FOR UPDATE.
    """
    sql.execute(
        update(model).where(*which).values(id=model.id),
        execution_options={"synchronize_session": False},
    )
