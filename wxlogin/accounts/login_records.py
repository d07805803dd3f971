"""The records of logins."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Engine, Table, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from structlog.contextvars import get_contextvars

from wxlogin.accounts.user_refs import UserRef
from wxlogin.clock import Clock, utc_now
from wxlogin.models import LoginRecord, User
from wxlogin.outbox import About, EventType, Outbox
from wxlogin.outbox.outbox import LOGIN_TYPES
from wxlogin.sessions import Draft, Lifetimes
from wxlogin.sessions.errors import UserErased

# Put together once, as SELECT_REF is.
_USERS, _LOGINS = cast("Table", User.__table__), cast("Table", LoginRecord.__table__)
_TOUCH = (
    update(_USERS).where(_USERS.c.id == bindparam("user_id")).values(last_login_at=bindparam("at"))
)
_INSERT = insert(_LOGINS)
_TOUCHED = _TOUCH.returning(_USERS.c.id).cte("touched")
_REST = [column for column in _LOGINS.c if column.name not in ("id", "user_id")]
_TOUCH_AND_INSERT = _INSERT.from_select(
    ["user_id", *(column.name for column in _REST)],
    select(_TOUCHED.c.id, *(bindparam(one.name, type_=one.type) for one in _REST)),
).returning(_LOGINS.c.id)
"""Both in one statement, for PostgreSQL; it inserts nothing for a user who is gone."""


class LoginRecords:
    """Records logins, each in a transaction of its own."""

    def __init__(self, sql: Engine, single: Engine, outbox: Outbox, clock: Clock) -> None:
        """Take as `single` the engine for single statements."""
        self._sql = sql
        self._single = single
        self._outbox = outbox
        self._clock = clock

    def create(self, user: UserRef, session_id: str, draft: Draft, lifetimes: Lifetimes) -> bool:
        """Record a login just before its session is created.

        Return whether the outbox will tell of it once the session is there. Raises UserErased if
        the user was erased since they were read.
        """
        now = utc_now(self._clock)
        about = About(user.public_id, draft.app, user.ids.person, user.ids.external_id or None)
        told = {"session": session_id, "platform": draft.platform}
        is_told = not self._outbox.is_surely_unwanted(*LOGIN_TYPES)
        with (self._sql if is_told else self._single).begin() as connection:
            _record(connection, _row(user.id, session_id, draft, now, lifetimes))
            return is_told and self._outbox.add(
                connection, EventType.USER_LOGGED_IN, about, told, session=session_id
            )

    def delete(self, session_id: str) -> None:
        """Delete the record of a login whose session was refused."""
        with self._sql.begin() as connection:
            connection.execute(delete(_LOGINS).where(_LOGINS.c.session_id == session_id))
            self._outbox.withdraw(connection, session_id)


def _record(connection: Connection, row: dict[str, Any]) -> None:
    """Note the login in the user's row and insert its own; UserErased if the user is gone."""
    if connection.dialect.name == "postgresql":
        if connection.execute(_TOUCH_AND_INSERT, row).first() is None:
            raise UserErased()
        return
    # Update the user's row first: the record's foreign key takes a shared lock on it, and two
    # logins that both hold that lock could deadlock at the update (InnoDB).
    connection.execute(_TOUCH, {"user_id": row["user_id"], "at": row["at"]})
    try:
        connection.execute(_INSERT, row)
    except IntegrityError:  # the foreign key
        raise UserErased() from None


def _row(
    user_row: int, session_id: str, draft: Draft, now: datetime, lifetimes: Lifetimes
) -> dict[str, Any]:
    """Return the row of a login, with the id of its request and when its session will expire."""
    deadlines = lifetimes.of(now)
    return {
        "user_id": user_row,
        "session_id": session_id,
        "at": now,
        "ip": draft.ip,
        "platform": draft.platform,
        "device_name": draft.name,
        "region": draft.region or None,
        "expires_at": deadlines.unused,
        "last_at": deadlines.last,
        "request_id": get_contextvars().get("request_id"),
    }
