"""The keys that were ever used, known by a check value; and what stops a start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Engine, Row, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from wxlogin.clock import Clock, utc_now
from wxlogin.keyring.errors import KeyRefused, KeyUnknown
from wxlogin.keyring.rings import SETTINGS, Key, Rings
from wxlogin.models import KnownKey, User
from wxlogin.models.sealed_columns import sealed_tables
from wxlogin.plural import plural
from wxlogin.vault import SealBroken, Vault
from wxlogin.vault.derivation import KeyKind, audit_key, check_value

Name = tuple[KeyKind, str]
"""The kind and the id of a key."""
Known = Mapping[Name, Row[Any]]
"""The rows of the table."""
RECENT = timedelta(hours=1)
"""A key that was in use so recently may be needed by rows that a host is about to write."""
ROWS: tuple[KeyKind, ...] = ("data", "index")
"""The kinds of keys that rows need; tokens are not stored."""
TOLD: dict[KeyKind, str] = {"data": "keys rotate", "index": "keys reindex"}
"""What frees rows of a key."""


class KeyTimes(NamedTuple):
    """When a key was first seen, and when it was last the newest of a running worker."""

    first_seen_at: datetime
    used_at: datetime | None


class KnownKeys:
    """The table of known keys, and the rows that need one."""

    def __init__(self, sql: Engine, rings: Rings, vault: Vault, clock: Clock) -> None:
        self._sql = sql
        self._rings = rings
        self._vault = vault
        self._clock = clock

    def check(self, sql: Engine) -> list[str]:
        """Return what is wrong with the rings, one sentence a key; register keys that are new.

        A key is wrong if another key was used under its id, and a ring if rows need a key that it
        lacks. To find such rows may take whole tables: `sql` is an engine apart from the app's,
        whose statements have a limit. SQLAlchemyError if the database cannot say, KeyRefused if
        another process was first with another key.
        """
        with sql.connect() as connection:
            known = _read(connection)
        wrong = [self._changed_sentence(sql, key) for key in self._changed(known)]
        try:
            with sql.connect() as connection:
                wrong += self._missing(connection, known)
        except SQLAlchemyError:
            if not wrong:
                raise
        if not wrong:
            self._register(sql, known)
        return wrong

    def note_use(self) -> None:
        """Note that the newest keys are in use now."""
        self._note_use(self._sql)

    def _note_use(self, sql: Engine) -> None:
        newest = [
            (KnownKey.kind == kind) & (KnownKey.key_id == ids[0])
            for kind, ids in self._rings.ids().items()
        ]
        with sql.begin() as connection:
            columns = {"used_at": utc_now(self._clock), "unneeded_at": None}
            connection.execute(update(KnownKey).where(or_(*newest)).values(columns))

    def times(self) -> dict[Name, KeyTimes]:
        """Return when each known key was used."""
        with self._sql.connect() as connection:
            known = _read(connection)
        return {name: KeyTimes(row.first_seen_at, row.used_at) for name, row in known.items()}

    def audit_keys(self) -> Mapping[str, bytes]:
        """Return the audit keys of all data keys that were ever used, by id."""
        with self._sql.connect() as connection:
            known = _read(connection)
        found: dict[str, bytes] = {}
        for (_, key_id), row in known.items():
            # One that does not open was sealed by a key that is lost, or not here yet.
            with suppress(SealBroken):
                sealed = row.audit_key_sealed or ""
                found[key_id] = bytes.fromhex(self._vault.open(sealed, _aad(key_id)))
        return found

    def give_up(self, kind: KeyKind, key_id: str) -> int:
        """Let the program start without a key that is lost; return how many rows need it.

        KeyUnknown if no such key was used, or if it is in the settings.
        """
        own = KnownKey.kind == kind, KnownKey.key_id == key_id
        with self._sql.begin() as connection:
            rows = count_rows(connection, kind, key_id)
            known = connection.scalar(select(KnownKey.id).where(*own))
            if key_id in self._rings.ids()[kind] or (known is None and not rows):
                raise KeyUnknown(fields=[("ID", "should be a key that has left the settings")])
            if known is None:
                connection.execute(insert(KnownKey).values(self._lost(kind, key_id)))
            connection.execute(
                update(KnownKey).where(*own).values(given_up_at=utc_now(self._clock))
            )
        return rows

    def _changed(self, known: Known) -> Iterator[Key]:
        """Yield each key that is another than the one of its id."""
        for key in self._rings:
            row = known.get((key.kind, key.id))
            if row and row.check_value not in ("", check_value(*key)):
                yield key

    def _changed_sentence(self, sql: Engine, key: Key) -> str:
        """Return what is wrong with it, and how many rows need the other, if they can be counted.

        A table may be too large to count in time: the key is wrong all the same.
        """
        needed = ""
        with suppress(SQLAlchemyError), sql.connect() as connection:
            rows = count_rows(connection, key.kind, key.id)
            needed = f", which {plural(rows, 'row needs', 'rows need')}"
        return (
            f"{SETTINGS[key.kind]}: the key {key.id} is not the one that was used under this id "
            f"before{needed}; put that one back, or give this one an id of its own"
        )

    def _missing(self, connection: Connection, known: Known) -> Iterator[str]:
        """Yield a sentence for each key that rows need and the ring lacks."""
        held = self._rings.ids()
        names = set(known)
        if not any(row.check_value for row in known.values()):  # an older version ran
            names |= set(self._unregistered(connection))
        for kind, key_id in sorted(names):
            row = known.get((kind, key_id))
            if key_id in held[kind] or (row and (row.unneeded_at or row.given_up_at)):
                continue
            if rows := count_rows(connection, kind, key_id):
                needed = plural(rows, "row needs", "rows need")
                yield (
                    f"{SETTINGS[kind]} lacks the key {key_id}, which {needed}; put it back behind "
                    f"the others until `flask --app wsgi {TOLD[kind]}` has freed them of it"
                )

    def _unregistered(self, connection: Connection) -> Iterator[Name]:
        """Yield the keys that rows need and the rings lack."""
        for kind in ROWS:
            ids = list(self._rings.ids()[kind])
            while (key_id := _key_beside(connection, kind, ids)) is not None:
                yield kind, key_id
                ids.append(key_id)

    def _register(self, sql: Engine, known: Known) -> None:
        """Write down keys that are new, and which of the old ones no row needs."""
        held = set(self._rings)
        names: set[Name] = {(key.kind, key.id) for key in held}
        for key in held:
            row = known.get((key.kind, key.id))
            if row is None:
                self._insert(sql, key)
            elif row.unneeded_at or row.given_up_at or not row.check_value:
                self._set(sql, row, unneeded_at=None, given_up_at=None, **self._columns(key))
        for name, row in known.items():
            if name not in names and self._is_retired(row):
                self._set(sql, row, unneeded_at=utc_now(self._clock))
        self._note_use(sql)

    def _is_retired(self, row: Row[Any]) -> bool:
        """Return whether a key that no row needs will not be needed by one again."""
        last = row.used_at or row.first_seen_at
        return not row.unneeded_at and not row.given_up_at and utc_now(self._clock) - last > RECENT

    def _insert(self, sql: Engine, key: Key) -> None:
        row = {**self._lost(key.kind, key.id), **self._columns(key)}
        try:
            with sql.begin() as connection:
                connection.execute(insert(KnownKey).values(row))
        except IntegrityError:  # another worker was first; it may have another key
            with sql.connect() as connection:
                known = _read(connection)
            if changed := next(self._changed(known), None):
                raise KeyRefused(self._changed_sentence(sql, changed)) from None

    def _set(self, sql: Engine, row: Row[Any], **columns: object) -> None:
        with sql.begin() as connection:
            connection.execute(update(KnownKey).where(KnownKey.id == row.id).values(**columns))

    def _lost(self, kind: KeyKind, key_id: str) -> dict[str, object]:
        now = utc_now(self._clock)
        return {"kind": kind, "key_id": key_id, "check_value": "", "first_seen_at": now}

    def _columns(self, key: Key) -> dict[str, object]:
        columns: dict[str, object] = {"check_value": check_value(*key)}
        if key.kind == "data":
            sealed = self._vault.seal(audit_key(key.key).hex(), _aad(key.id))
            columns["audit_key_sealed"] = sealed
        return columns


def count_rows(connection: Connection, kind: KeyKind, key_id: str) -> int:
    """Return how many rows a key sealed or indexed."""
    if kind == "index":
        counted = select(func.count()).select_from(User).where(User.index_key == key_id)
        return connection.scalar(counted) or 0
    tables = sealed_tables() if kind == "data" else []
    counts = [
        connection.scalar(select(func.count()).select_from(one.table).where(one.sealed_by(key_id)))
        for one in tables
    ]
    return sum(count or 0 for count in counts)


def rows_given_up(connection: Connection) -> int:
    """Return how many rows need a key that was given up."""
    given_up = [name for name, row in _read(connection).items() if row.given_up_at]
    return sum(count_rows(connection, kind, key_id) for kind, key_id in given_up)


def _key_beside(connection: Connection, kind: KeyKind, ids: Sequence[str]) -> str | None:
    """Return the id of a key that a row needs, other than these; None if there is none."""
    if kind == "index":
        other = select(User.index_key).where(User.index_key.not_in(ids)).limit(1)
        return connection.scalar(other)
    for one in sealed_tables():
        unknown = select(*one.columns).where(one.sealed_by_others(ids)).limit(1)
        for text in connection.execute(unknown).first() or ():
            key_id = str(text or "").partition(".")[0]
            if key_id and key_id not in ids:
                return key_id
    return None


def _aad(key_id: str) -> str:
    return f"known_key.audit_key_sealed:{key_id}"


def _read(connection: Connection) -> Known:
    rows = connection.execute(select(KnownKey.__table__)).all()
    return {(cast("KeyKind", row.kind), row.key_id): row for row in rows}
