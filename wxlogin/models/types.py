"""Column types with the same behaviour on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeDecorator, TypeEngine

# SQLite generates row ids only in an INTEGER column.
RowId = BigInteger().with_variant(Integer, "sqlite")


def exact(length: int) -> Exact:
    """Return a type of ASCII text that compares case-sensitively, also on MariaDB."""
    return Exact(length)


def text(length: int) -> String:
    """Return a type of text in any script, whatever the database's character set is."""
    return String(length).with_variant(mysql.VARCHAR(length, charset="utf8mb4"), "mysql", "mariadb")


UNSUPPORTED = re.compile(r"[^\x01-\x7f]| +\Z")
"""What no stored value contains: MariaDB refuses to compare with text that is not ASCII and ignores
spaces at the end, PostgreSQL refuses NUL."""


class Exact(TypeDecorator[str]):
    """ASCII text without spaces at its end; any other character becomes `?`."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column's type for a database."""
        if dialect.name in ("mysql", "mariadb"):
            column = mysql.VARCHAR(self.length, charset="ascii", collation="ascii_bin")
            return dialect.type_descriptor(column)
        return dialect.type_descriptor(String(self.length))

    def process_bind_param(self, value: str | None, _dialect: Any) -> str | None:
        """Replace what some database cannot compare."""
        return value and UNSUPPORTED.sub("?", value)


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC: aware in Python, without a zone in the database, to the second."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Any) -> datetime | None:
        """Convert to UTC, without zone and fractions of a second."""
        return value and value.astimezone(UTC).replace(tzinfo=None, microsecond=0)

    def process_result_value(self, value: datetime | None, _dialect: Any) -> datetime | None:
        """Return the time as UTC."""
        return value and value.replace(tzinfo=UTC)


class Sealed(TypeDecorator[str]):
    """Text that a data key sealed: `key id . base64url(nonce tag ciphertext)`.

    Its associated data is `table.column:` and the value of the row's column `row`. What is
    `urgent` opens other doors when it leaks: it is re-sealed first, and `leakscan` searches it.
    """

    impl = Text
    cache_ok = True

    def __init__(self, row: str, *, urgent: bool = False) -> None:
        super().__init__()
        self.row = row
        self.urgent = urgent
