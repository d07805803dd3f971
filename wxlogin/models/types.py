"""Column types that behave alike on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, String
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeDecorator

# SQLite counts rows up by itself only in an INTEGER column.
RowId = BigInteger().with_variant(Integer, "sqlite")


def exact(length: int) -> String:
    """ASCII text that is equal only to the letter: MariaDB would take A for a."""
    return String(length).with_variant(
        mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), "mysql", "mariadb"
    )


def text(length: int) -> String:
    """Text in any script, whatever character set the database was made with."""
    return String(length).with_variant(mysql.VARCHAR(length, charset="utf8mb4"), "mysql", "mariadb")


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
