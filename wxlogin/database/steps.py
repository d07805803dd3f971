"""Idempotent steps for migrations: each checks what exists and creates what is missing.

MySQL and MariaDB commit each change of a table separately, so that an interrupted migration is left
half done. When it runs again, its steps find what they created before, check that its definition is
the expected one, and continue. Anything with another definition is refused.

The steps have the names and parameters of Alembic's operations, so that generated migrations use
them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from alembic.operations.ops import CreateTableOp
from click import ClickException
from sqlalchemy.dialects import mysql

ROWS = 1_000
"""Rows per batch when a column is filled."""


def exact(length: int) -> sa.String:
    """Return a type for ASCII text that is compared byte by byte."""
    return sa.String(length).with_variant(
        mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), "mysql", "mariadb"
    )


def text(length: int) -> sa.String:
    """Return a type for Unicode text, whatever character set the database was created with."""
    return sa.String(length).with_variant(
        mysql.VARCHAR(length, charset="utf8mb4"), "mysql", "mariadb"
    )


def row_id() -> sa.BigInteger:
    """Return a type for primary keys, which SQLite can auto-increment too."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def f(name: str) -> str:
    """Return a final name, which no naming convention changes."""
    return op.f(name)


def create_table(name: str, *parts: sa.schema.SchemaItem) -> None:
    """Create a table with the indexes that its columns declare."""
    wanted = CreateTableOp(name, parts).to_table(op.get_context())
    if _is_missing(name):
        op.get_context().impl.create_table(wanted)
        return
    existing = _table(name)
    same = set(existing.columns.keys()) == set(wanted.columns.keys())
    _require(same, f"table {name} has other columns")
    for column in wanted.columns:
        _require_same(existing.columns[column.name], column)
    for index in wanted.indexes:
        create_index(str(index.name), name, [column.name for column in index.columns])


def drop_table(name: str) -> None:
    """Drop a table."""
    if not _is_missing(name):
        op.drop_table(name)


def create_index(name: str | None, table: str, columns: Sequence[str], **rest: Any) -> None:
    """Create an index; the default name is made of its table and columns."""
    name = name or _index_name(table, columns)
    existing = _indexes(table).get(name)
    if existing is None:
        op.create_index(op.f(name), table, columns, **rest)
    else:
        _require(existing == list(columns), f"index {name} has other columns")


def drop_index(name: str, table_name: str) -> None:
    """Drop an index."""
    if _is_offline() or name in _indexes(table_name):
        op.drop_index(name, table_name)


def add_column(table: str, column: sa.Column[Any]) -> None:
    """Add a column."""
    existing = None if _is_offline() else _table(table).columns.get(column.name)
    if existing is None:
        op.add_column(table, column)
    else:
        _require_same(existing, column)


def drop_column(table: str, name: str) -> None:
    """Drop a column."""
    if _is_offline() or name in _table(table).columns:
        with op.batch_alter_table(table) as batch:
            batch.drop_column(name)


def fill(
    table: str, column: str, given: Sequence[str], value: Callable[[sa.Row[Any]], Any]
) -> None:
    """Set a column in every row where it is NULL; `value` computes it from the `given` columns.

    The table has an `id`. Rows that have a value keep it.
    """
    if _is_offline():
        raise ClickException(f"{table}.{column} is filled by the program, not by SQL alone.")
    rows, connection, last = _table(table), op.get_bind(), 0
    empty = sa.select(*(rows.c[name] for name in ("id", *given))).where(rows.c[column].is_(None))
    write = sa.update(rows).where(rows.c.id == sa.bindparam("row_id"))
    write = write.values({column: sa.bindparam("filled")})
    while found := connection.execute(
        empty.where(rows.c.id > last).order_by(rows.c.id).limit(ROWS)
    ).all():
        connection.execute(write, [{"row_id": row.id, "filled": value(row)} for row in found])
        last = found[-1].id


def _is_offline() -> bool:
    """Return whether the steps are only printed as SQL (`--sql`), without a database."""
    return bool(op.get_context().as_sql)


def _is_missing(name: str) -> bool:
    return _is_offline() or not sa.inspect(op.get_bind()).has_table(name)


def _table(name: str) -> sa.Table:
    return sa.Table(name, sa.MetaData(), autoload_with=op.get_bind(), resolve_fks=False)


def _indexes(table: str) -> dict[str, list[str]]:
    if _is_offline():
        return {}
    rows = sa.inspect(op.get_bind()).get_indexes(table)
    return {str(row["name"]): [str(name) for name in row["column_names"]] for row in rows}


def _index_name(table: str, columns: Sequence[str]) -> str:
    return "_".join(["ix", table, *columns])


def _require_same(existing: sa.Column[Any], wanted: sa.Column[Any]) -> None:
    same_type = not op.get_context().impl.compare_type(existing, wanted)
    what = f"column {wanted.name} of table {existing.table.name} is another"
    _require(same_type and existing.nullable == bool(wanted.nullable), what)


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ClickException(
            f"{otherwise[0].upper()}{otherwise[1:]} than this migration makes. Nothing was made by "
            "wxlogin there; restore the database from a backup, or move what is in the way."
        )
