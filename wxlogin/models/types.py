"""Column types that behave alike on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeDecorator, TypeEngine

# SQLite counts rows up by itself only in an INTEGER column.
RowId = BigInteger().with_variant(Integer, "sqlite")


def exact(length: int) -> Exact:
    """ASCII text that is equal only to the letter: MariaDB would take A for a."""
    return Exact(length)


def text(length: int) -> String:
    """Text in any script, whatever character set the database was made with."""
    return String(length).with_variant(mysql.VARCHAR(length, charset="utf8mb4"), "mysql", "mariadb")


UNEQUAL = re.compile(r"[^\x01-\x7f]| +\Z")
"""What stands in no value that is kept: MariaDB refuses to compare with what is not ASCII and sees
no space at the end, PostgreSQL refuses NUL."""


class Exact(TypeDecorator[str]):
    """ASCII text without a space at its end; what is not that becomes `?`."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column's type in each database."""
        if dialect.name in ("mysql", "mariadb"):
            column = mysql.VARCHAR(self.length, charset="ascii", collation="ascii_bin")
            return dialect.type_descriptor(column)
        return dialect.type_descriptor(String(self.length))

    def process_bind_param(self, value: str | None, _dialect: Any) -> str | None:
        """Send what every database compares to the letter."""
        return value and UNEQUAL.sub("?", value)


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC: aware in Python, without a zone in the database, to the second."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Any) -> datetime | None:
        """Store the time in UTC, its zone and its fraction cut off."""
        return value and value.astimezone(UTC).replace(tzinfo=None, microsecond=0)

    def process_result_value(self, value: datetime | None, _dialect: Any) -> datetime | None:
        """Give the time back as UTC."""
        return value and value.replace(tzinfo=UTC)
