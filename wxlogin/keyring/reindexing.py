"""Re-indexing: the blind indexes of users under the newest index key, row by row.

All indexes of a row change at once, and only if they still are what was read: see resealing.py.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from wxlogin.accounts.blind_indexes import INDEXES, aad
from wxlogin.database import faults
from wxlogin.keyring.resealing import BATCH, PASSES, Pause, Step
from wxlogin.models import App, User, UserOpenidIndex
from wxlogin.vault import BlindIndex, SealBroken, Vault

logger = logging.getLogger(__name__)

Row = Mapping[str, Any]


def reindex(
    sql: Engine, vault: Vault, index: BlindIndex, pause: Pause = lambda: None
) -> Iterator[Step]:
    """Index every user under the newest key; yield after each batch, and at least once.

    Stuck are users whose openid does not open, and those whose person has another user under the
    newest key already: `users merge` joins the two.
    """
    total, done, stuck = count_indexed_by_others(sql, index.newest), 0, 0
    yield Step(done, total, stuck)
    for _ in range(PASSES):
        stuck = last = 0
        while rows := _batch(sql, index.newest, last):
            changed = [(row, _columns(vault, index, row, pause)) for row in rows]
            stuck += _write(sql, [(row, columns) for row, columns in changed if columns])
            stuck += sum(not columns for _, columns in changed)
            last = rows[-1]["id"]
            done = min(total, done + len(rows))
            yield Step(done, total, stuck)
        left = count_indexed_by_others(sql, index.newest)
        yield Step(max(0, total - left), total, left)
        if left <= stuck:
            break
    if not stuck:
        _forget_older(sql, index.newest)


def count_indexed_by_others(sql: Engine, key_id: str) -> int:
    """Return how many users another key indexes."""
    with sql.connect() as connection:
        others = select(func.count()).select_from(User).where(User.index_key != key_id)
        return connection.scalar(others) or 0


def _batch(sql: Engine, key_id: str, last: int) -> list[Row]:
    columns = [User.__table__.columns[name] for one in INDEXES for name in (one.index, one.sealed)]
    due = (
        select(User.id, User.public_id, User.index_key, App.appid, *columns)
        .join(App, App.id == User.app_id)
        .where(User.id > last, User.index_key != key_id)
        .order_by(User.id)
        .limit(BATCH)
    )
    with sql.connect() as connection:
        return [dict(row) for row in connection.execute(due).mappings()]


def _columns(vault: Vault, index: BlindIndex, row: Row, pause: Pause) -> dict[str, str]:
    """Return the new columns of a row, or none if a value does not open."""
    pause()
    columns = {"index_key": index.newest}
    for one in INDEXES:
        if row[one.index] is None:
            continue
        try:
            clear = vault.open(row[one.sealed], aad(one.sealed, row["public_id"]))
        except SealBroken as fault:
            logger.warning("user %s is left as it is: %s", row["public_id"], fault)
            return {}
        digests = index.digests(one.value(clear), one.purpose(row["appid"]))
        columns[one.index] = digests[0].digest
    return columns


def _write(sql: Engine, changed: Sequence[tuple[Row, dict[str, str]]]) -> int:
    """Write rows that still are what was read; return how many have a double."""
    try:
        with sql.begin() as connection:
            for row, columns in changed:
                same = [_is(name, row[name]) for name in ("index_key", *(i.index for i in INDEXES))]
                connection.execute(update(User).where(User.id == row["id"], *same).values(columns))
    except IntegrityError:
        if len(changed) == 1:
            logger.warning("user %s has a double", changed[0][0]["public_id"])
            return 1
        return sum(_write(sql, [one]) for one in changed)
    except DBAPIError as fault:
        if not faults.is_deadlock(fault.orig):
            raise  # else the next pass finds the rows
    return 0


def _is(name: str, value: str | None) -> Any:
    column = User.__table__.columns[name]
    return column.is_(None) if value is None else column == value


def _forget_older(sql: Engine, key_id: str) -> None:
    """Delete what older keys indexed of first logins: every host finds all users without it."""
    older = select(UserOpenidIndex.id).where(UserOpenidIndex.index_key != key_id).limit(BATCH)
    while True:
        with sql.begin() as connection:
            ids = connection.scalars(older).all()
            connection.execute(delete(UserOpenidIndex).where(UserOpenidIndex.id.in_(ids)))
        if not ids:
            return
