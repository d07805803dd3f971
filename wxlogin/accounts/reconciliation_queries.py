"""The queries of reconciliation.py: whose sessions were ended for good, by user and mini-program.

They read in batches, each over a connection of its own: what is done with one takes time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, Row, Select, or_, select

from wxlogin.accounts.apps import DISABLED
from wxlogin.accounts.bans import Ban, ban_of
from wxlogin.models import App, ErasedUser, User
from wxlogin.sessions.store import Change

BATCH = 200


class VoidUser(NamedTuple):
    """A user with sessions that are void: public id, the latest change of a ban, a ban in force."""

    public_id: str
    change: Change
    ban: Ban | None


class ChangedApp(NamedTuple):
    """A mini-program that was disabled or enabled, or whose sessions were all ended."""

    id: int
    appid: str
    change: Change
    disabled: bool


def erased_users(sql: Engine, since: int) -> Iterator[list[str]]:
    """Yield the public ids of users who were erased since a time in ms, or the second before it."""
    erased, last = select(ErasedUser.id, ErasedUser.public_id).order_by(ErasedUser.id), 0
    erased = erased.where(ErasedUser.at >= _datetime(since))  # which leaves out the milliseconds
    while rows := _read(sql, erased.where(ErasedUser.id > last)):
        yield [row.public_id for row in rows]
        last = rows[-1].id


def void_users(sql: Engine, since: int, now: int) -> Iterator[list[VoidUser]]:
    """Yield the users whose sessions were all ended since a time in ms."""
    at, row_id = User.void_before, User.id
    columns = row_id, User.public_id, User.ban_reason, User.banned_until, User.ban_version, at
    users, last_at, last_id = select(*columns).order_by(at, row_id), since, 0
    while rows := _read(sql, users.where(at >= last_at, or_(at > last_at, row_id > last_id))):
        yield [_void_user(row, _datetime(now)) for row in rows]
        last_at, last_id = rows[-1].void_before, rows[-1].id


def changed_apps(sql: Engine, since: int) -> list[ChangedApp]:
    """Return the mini-programs whose sessions were all ended since a time in ms."""
    columns = App.id, App.appid, App.status, App.version, App.void_before
    with sql.connect() as connection:
        rows = connection.execute(select(*columns).where(App.void_before >= since)).all()
    return [
        ChangedApp(
            row.id, row.appid, Change(row.version or 0, row.void_before), row.status == DISABLED
        )
        for row in rows
    ]


def users_of_app(sql: Engine, app_id: int) -> Iterator[list[str]]:
    """Yield the public ids of all users of a mini-program."""
    users, last = select(User.id, User.public_id).order_by(User.id), 0
    while rows := _read(sql, users.where(User.app_id == app_id, User.id > last)):
        yield [row.public_id for row in rows]
        last = rows[-1].id


def _void_user(row: Row[*tuple[Any, ...]], now: datetime) -> VoidUser:
    change = Change(row.ban_version or 0, row.void_before)
    return VoidUser(row.public_id, change, ban_of(row.ban_reason, row.banned_until, now))


def _read(sql: Engine, query: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the first rows of a query."""
    with sql.connect() as connection:
        return connection.execute(query.limit(BATCH)).all()


def _datetime(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
