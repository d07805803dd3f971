"""The secrets that the database holds sealed, opened for a search by value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select

from wxlogin.models.sealed_columns import sealed_tables
from wxlogin.vault import Vault


class HeldSecret(NamedTuple):
    """A secret; `place` is its table and column, `value` is None if no key here opens it."""

    place: str
    row: str
    value: str | None

    def __repr__(self) -> str:
        return f"HeldSecret({self.place}:{self.row})"


def held_secrets(connection: Connection, vault: Vault) -> Iterator[HeldSecret]:
    """Yield what each urgent column holds: secrets, not the data of persons."""
    for one in sealed_tables():
        if not one.urgent:
            continue
        rows = connection.execute(select(one.row, *one.urgent)).mappings()
        for row in rows:
            for column in one.urgent:
                if (sealed := row[column.name]) is not None:
                    value = vault.open_or_none(sealed, one.aad(column, row))
                    place = f"{one.name}.{column.name.removesuffix('_sealed')}"
                    yield HeldSecret(place, str(row[one.row.name]), value)
