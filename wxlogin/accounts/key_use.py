"""The keys of the settings by name, never by value, and how many rows still need each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlalchemy import Column, ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from config_values import DataKey
from wxlogin.extensions import Base, db
from wxlogin.models import AuditEntry, User

FINGERPRINT = 12


class KeyLine(NamedTuple):
    """One key: its id, its fingerprint, and for how many rows it is needed.

    A signing key has no id and no rows: tokens are kept nowhere.
    """

    kind: Literal["data", "index", "signing"]
    id: str | None
    fingerprint: str
    newest: bool
    rows: int | None


class KeyUse(NamedTuple):
    """All keys, newest first of each kind, and the rows that none of them opens or finds."""

    keys: list[KeyLine]
    lost: int


class KeyCensus:
    """Counts rows by the key that sealed or indexed them.

    Sealed text starts with the key's id, so that nothing is opened; each table is read through
    once. No index helps: with a million users that takes a second or so.
    """

    def __init__(
        self,
        secret_keys: Sequence[str],
        data_keys: Sequence[DataKey],
        index_keys: Sequence[DataKey],
    ) -> None:
        self._secret_keys = [key.encode() for key in secret_keys]
        self._data_keys = data_keys
        self._index_keys = index_keys

    def take(self) -> KeyUse:
        """Count."""
        sealed, unopened = _sums([_sealed_by(self._data_keys, columns) for columns in _sealed()])
        chained, unproved = _sums([_named(self._data_keys, AuditEntry.key_id)])
        indexed, unfound = _sums([_named(self._index_keys, User.index_key)])
        needed = [sum(pair) for pair in zip(sealed, chained, strict=True)]
        keys = [
            *_lines("data", self._data_keys, needed),
            *_lines("index", self._index_keys, indexed),
            *(
                KeyLine("signing", None, fingerprint(key), n == 0, None)
                for n, key in enumerate(self._secret_keys)
            ),
        ]
        db.session.commit()
        return KeyUse(keys, unopened + unproved + unfound)


def fingerprint(key: bytes) -> str:
    """By which two servers can tell that they hold the same key; it gives nothing of it away."""
    return hashlib.sha256(b"wxlogin.fingerprint.v1\x00" + key).hexdigest()[:FINGERPRINT]


def _lines(
    kind: Literal["data", "index"], keys: Sequence[DataKey], rows: Sequence[int]
) -> list[KeyLine]:
    return [
        KeyLine(kind, key.id, fingerprint(key.key), n == 0, count)
        for n, (key, count) in enumerate(zip(keys, rows, strict=True))
    ]


def _sealed() -> list[list[Column[str]]]:
    """The sealed columns of each table that has some."""
    tables = [
        [column for column in table.columns if column.name.endswith("_sealed")]
        for table in Base.metadata.tables.values()
    ]
    return [columns for columns in tables if columns]


def _sealed_by(
    keys: Sequence[DataKey], columns: Sequence[Column[str]]
) -> list[ColumnElement[bool]]:
    """Of a row: whether each key sealed something in it; and whether none of them sealed a part."""
    begins = [
        [func.substr(column, 1, len(key.id) + 1) == f"{key.id}." for column in columns]
        for key in keys
    ]
    foreign = [
        and_(column.is_not(None), *(~of_key[n] for of_key in begins))
        for n, column in enumerate(columns)
    ]
    return [*(or_(*of_key) for of_key in begins), or_(*foreign)]


def _named(
    keys: Sequence[DataKey], column: InstrumentedAttribute[str]
) -> list[ColumnElement[bool]]:
    """Of a row: whether a column names each key; and whether it names none of them."""
    ids = [key.id for key in keys]
    return [*(column == key_id for key_id in ids), column.not_in(ids)]


def _sums(tables: Sequence[Sequence[ColumnElement[bool]]]) -> tuple[list[int], int]:
    """How many rows of these tables each condition holds for; the last one apart."""
    counted = [[int(n or 0) for n in db.session.execute(_counting(one)).one()] for one in tables]
    *of_keys, rest = (sum(column) for column in zip(*counted, strict=True))
    return of_keys, rest


def _counting(conditions: Sequence[ColumnElement[bool]]) -> Select[tuple[int, ...]]:
    return select(*(func.sum(case((condition, 1), else_=0)) for condition in conditions))
