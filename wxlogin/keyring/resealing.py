"""Re-sealing: what older data keys sealed is sealed with the newest, row by row.

A value is replaced only where it still is what was read, so that a change made meanwhile stays. So
two runs do no harm to one another, and one that was killed leaves every row whole: the next run
finds those that are still under older keys.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, Engine, bindparam, func, select, update
from sqlalchemy.exc import DBAPIError

from wxlogin.database import faults
from wxlogin.models.sealed_columns import SealedTable, sealed_tables
from wxlogin.vault import SealBroken, Vault

BATCH = 200
"""Rows that are read, and locked, at once: no login waits for them noticeably."""
PASSES = 5
"""A row that others change under the old key meanwhile is left for the next pass."""

logger = logging.getLogger(__name__)

Pause = Callable[[], None]


class Step(NamedTuple):
    """Rows done, rows in all, and rows that cannot be done."""

    done: int
    total: int
    stuck: int


class Change(NamedTuple):
    """A sealed value of a row, before and after."""

    row_id: int
    old: str
    new: str


def reseal(sql: Engine, vault: Vault, pause: Pause = lambda: None) -> Iterator[Step]:
    """Seal everything under the newest key; yield after each batch, and at least once.

    `pause` is called after each row. What does not open is left as it is, and counted as stuck.
    """
    total, done, stuck = count_sealed_by_others(sql, vault.newest), 0, 0
    yield Step(done, total, stuck)
    for _ in range(PASSES):
        stuck = 0
        for table in sealed_tables():
            for rows, broken in _reseal_table(sql, vault, table, pause):
                stuck += broken
                done = min(total, done + rows - broken)
                yield Step(done, total, stuck)
        left = count_sealed_by_others(sql, vault.newest)
        done = max(done, total - left)
        yield Step(done, total, left)
        if left <= stuck:
            return


def count_sealed_by_others(sql: Engine, key_id: str) -> int:
    """Return how many rows have a part that another key sealed."""
    with sql.connect() as connection:
        counts = [
            connection.scalar(
                select(func.count())
                .select_from(table.table)
                .where(table.sealed_by_others([key_id]))
            )
            for table in sealed_tables()
        ]
    return sum(count or 0 for count in counts)


def _reseal_table(
    sql: Engine, vault: Vault, table: SealedTable, pause: Pause
) -> Iterator[tuple[int, int]]:
    """Yield for each batch how many rows it had, and how many of them do not open."""
    last = 0
    while rows := _batch(sql, table, vault.newest, last):
        changes: dict[Column[str], list[Change]] = defaultdict(list)
        broken = 0
        for row in rows:
            broken += not _reseal_row(vault, table, row, changes)
            pause()
        _write(sql, table, changes)
        last = rows[-1]["id"]
        yield len(rows), broken


def _batch(sql: Engine, table: SealedTable, key_id: str, last: int) -> Sequence[Mapping[str, Any]]:
    row_id = table.table.columns["id"]
    columns = dict.fromkeys([row_id, table.row, *table.columns])
    due = select(*columns).where(row_id > last, table.sealed_by_others([key_id]))
    with sql.connect() as connection:
        found = connection.execute(due.order_by(row_id).limit(BATCH)).mappings()
        return [dict(row) for row in found]


def _reseal_row(
    vault: Vault,
    table: SealedTable,
    row: Mapping[str, Any],
    changes: Mapping[Column[str], list[Change]],
) -> bool:
    """Add the changes of a row; return False if a part does not open."""
    whole = True
    for column in table.columns:
        old: str | None = row[column.name]
        if old is None or old.startswith(f"{vault.newest}."):
            continue
        aad = table.aad(column, row)
        try:
            new = vault.seal(vault.open(old, aad), aad)
        except SealBroken as fault:
            logger.warning("%s is left as it is: %s", aad, fault)
            whole = False
        else:
            changes[column].append(Change(row["id"], old, new))
    return whole


def _write(
    sql: Engine, table: SealedTable, changes: Mapping[Column[str], Sequence[Change]]
) -> None:
    """Replace values that still are what was read."""
    row_id = table.table.columns["id"]
    try:
        with sql.begin() as connection:
            for column, changed in changes.items():
                same = row_id == bindparam("row_id_"), column == bindparam("old_")
                replace = update(table.table).where(*same).values({column: bindparam("new_")})
                rows = [{"row_id_": c.row_id, "old_": c.old, "new_": c.new} for c in changed]
                connection.execute(replace, rows)
    except DBAPIError as fault:
        if not faults.is_deadlock(fault.orig):
            raise  # else the next pass finds the rows
