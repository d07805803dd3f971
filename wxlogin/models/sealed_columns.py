"""Every sealed column of every table, found by its type, so that a new one is never forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import Column, ColumnElement, RowMapping, Table, and_, func, or_

from wxlogin.extensions import Base
from wxlogin.models.types import Sealed


class SealedTable(NamedTuple):
    """A table with its sealed columns; their associated data names a row by the column `row`."""

    table: Table
    columns: tuple[Column[str], ...]
    row: Column[str]

    @property
    def name(self) -> str:
        """The name of the table."""
        return self.table.name

    @property
    def urgent(self) -> tuple[Column[str], ...]:
        """The columns that open other doors when they leak."""
        return tuple(column for column in self.columns if _type(column).urgent)

    def aad(self, column: Column[str], row: Mapping[str, Any] | RowMapping) -> str:
        """Return the associated data of one value."""
        return f"{self.name}.{column.name}:{row[self.row.name]}"

    def sealed_by(self, key_id: str) -> ColumnElement[bool]:
        """Return the condition of rows with a part that a key sealed."""
        return or_(*(_begins(column, key_id) for column in self.columns))

    def sealed_by_others(self, key_ids: Sequence[str]) -> ColumnElement[bool]:
        """Return the condition of rows with a part that none of these keys sealed."""
        return or_(
            *(
                and_(column.is_not(None), *(~_begins(column, key_id) for key_id in key_ids))
                for column in self.columns
            )
        )


def sealed_tables() -> list[SealedTable]:
    """Return the tables that have sealed columns, the urgent ones first."""
    found = [_sealed(table) for table in Base.metadata.tables.values()]
    tables = [table for table in found if table]
    return sorted(tables, key=lambda one: not one.urgent)


def _sealed(table: Table) -> SealedTable | None:
    columns = tuple(column for column in table.columns if isinstance(column.type, Sealed))
    if not columns:
        return None
    (row,) = {_type(column).row for column in columns}
    return SealedTable(table, columns, table.columns[row])


def _begins(column: Column[str], key_id: str) -> ColumnElement[bool]:
    return func.substr(column, 1, len(key_id) + 1) == f"{key_id}."


def _type(column: Column[Any]) -> Sealed:
    return cast("Sealed", column.type)
