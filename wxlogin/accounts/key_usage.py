"""The keys of the settings by name, never by value, and how many rows still need each."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from pydantic import BaseModel, ValidationError
from redis import Redis
from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from wxlogin.clock import Clock
from wxlogin.models import User
from wxlogin.models.sealed_columns import SealedTable, sealed_tables
from wxlogin.redisdb import keys
from wxlogin.settings.values import DataKey
from wxlogin.vault.derivation import fingerprint

MAX_AGE_SECONDS = 600


class KeyCount(NamedTuple):
    """One key: its id, its fingerprint, and how many rows need it.

    A signing key has neither id nor rows: tokens are not stored.
    """

    kind: Literal["data", "index", "signing"]
    id: str | None
    fingerprint: str
    newest: bool
    rows: int | None


class KeyReport(NamedTuple):
    """All keys, newest first of each kind, and how many rows need a key that is not there."""

    keys: list[KeyCount]
    lost: int


class Counts(BaseModel):
    """Rows by data key and by index key, in the order of the settings, as Redis caches them."""

    version: Literal[1] = 1
    counted_at: float
    data: list[int]
    index: list[int]
    lost: int


class KeyUsage:
    """Counts rows by the key that sealed or indexed them.

    Sealed text starts with the key's id, so that nothing is decrypted. A count reads each table
    once, and no index can help; so the workers share one count through Redis for ten minutes.
    """

    def __init__(
        self,
        current_session: Callable[[], Session],
        redis: Redis,
        clock: Clock,
        secret_keys: Sequence[str],
        data_keys: Sequence[DataKey],
        index_keys: Sequence[DataKey],
    ) -> None:
        self._current_session = current_session
        self._redis = redis
        self._clock = clock
        self._secret_keys = [key.encode() for key in secret_keys]
        self._data_keys = data_keys
        self._index_keys = index_keys
        self._counting = threading.Lock()

    def get(self) -> KeyReport:
        """Return a count that is at most ten minutes old, whichever worker made it.

        An older one errs on the safe side: rows are sealed with the newest key alone, so those of
        an older key only become fewer.
        """
        # Returns the connection to the pool: another request of this worker may be counting.
        self._current_session().commit()
        with self._counting:
            counts = self._read_cache()
            if counts is None:
                counts = self._count()
                self._redis.set(self._cache_key(), counts.model_dump_json(), ex=MAX_AGE_SECONDS)
        return self._report(counts)

    def count(self) -> KeyReport:
        """Count now. This needs no Redis."""
        return self._report(self._count())

    def forget(self) -> None:
        """Count anew when next asked: keys were rotated."""
        self._redis.delete(self._cache_key())

    def _cache_key(self) -> str:
        """Return a key that servers with the same keys in the same order share."""
        ring = [
            f"{kind} {key.id} {fingerprint(key.key)}"
            for kind, ring in (("data", self._data_keys), ("index", self._index_keys))
            for key in ring
        ]
        return keys.key_usage(hashlib.sha256("\n".join(ring).encode()).hexdigest()[:16])

    def _read_cache(self) -> Counts | None:
        cached = self._redis.get(self._cache_key())
        try:
            counts = Counts.model_validate_json(str(cached or ""))
        except ValidationError:
            return None
        age = self._clock() - counts.counted_at
        return counts if 0 <= age < MAX_AGE_SECONDS else None

    def _count(self) -> Counts:
        session, data_keys = self._current_session(), self._data_keys
        sealed = {table.name: _sealed_by(data_keys, table) for table in sealed_tables()}
        users = sealed.pop(User.__tablename__)
        indexed = _named(self._index_keys, User.index_key)
        counted = _count_rows(session, [*users, *indexed])
        by_table = [counted[: len(users)]]
        by_table += [_count_rows(session, conditions) for conditions in sealed.values()]
        session.commit()
        *data, unopened = (sum(column) for column in zip(*by_table, strict=True))
        *index, unfound = counted[len(users) :]
        lost = unopened + unfound
        return Counts(counted_at=self._clock(), data=data, index=index, lost=lost)

    def _report(self, counts: Counts) -> KeyReport:
        signing = [
            KeyCount("signing", None, fingerprint(key), n == 0, None)
            for n, key in enumerate(self._secret_keys)
        ]
        data = _key_counts("data", self._data_keys, counts.data)
        return KeyReport(
            [*data, *_key_counts("index", self._index_keys, counts.index), *signing], counts.lost
        )


def _key_counts(
    kind: Literal["data", "index"], keys: Sequence[DataKey], rows: Sequence[int]
) -> list[KeyCount]:
    return [
        KeyCount(kind, key.id, fingerprint(key.key), n == 0, count)
        for n, (key, count) in enumerate(zip(keys, rows, strict=True))
    ]


def _sealed_by(keys: Sequence[DataKey], table: SealedTable) -> list[ColumnElement[bool]]:
    """Return a condition for each key that sealed something in a row, and one for unknown keys."""
    ids = [key.id for key in keys]
    return [*(table.sealed_by(key_id) for key_id in ids), table.sealed_by_others(ids)]


def _named(
    keys: Sequence[DataKey], column: InstrumentedAttribute[str]
) -> list[ColumnElement[bool]]:
    """Return a condition for each key that a column names, and one for unknown keys."""
    ids = [key.id for key in keys]
    return [*(column == key_id for key_id in ids), column.not_in(ids)]


def _count_rows(session: Session, conditions: Sequence[ColumnElement[bool]]) -> list[int]:
    """Return for each condition how many rows of its table meet it, in one pass."""
    sums = [func.sum(case((condition, 1), else_=0)) for condition in conditions]
    return [int(count or 0) for count in session.execute(select(*sums)).one()]
