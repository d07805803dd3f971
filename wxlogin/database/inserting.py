"""Inserts that leave a row alone which is there already, in the words of each system."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import mysql, postgresql, sqlite


def insert_new(dialect: str, model: Any, unique: str) -> Insert:
    """Return the statement that inserts rows of a model, except those whose unique column is there.

    It waits for a transaction that has just inserted the same.
    """
    table = model.__table__
    assert isinstance(table, Table)
    if dialect in ("mysql", "mariadb"):
        into = mysql.insert(table)
        return into.on_duplicate_key_update({unique: into.inserted[unique]})
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing(index_elements=[unique])
