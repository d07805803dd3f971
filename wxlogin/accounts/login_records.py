"""The records of logins."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Engine, Table, bindparam, delete, insert, update
from sqlalchemy.exc import IntegrityError
from structlog.contextvars import get_contextvars

from wxlogin.accounts.user_refs import UserRef
from wxlogin.clock import Clock, utc_now
from wxlogin.models import LoginRecord, User
from wxlogin.outbox import About, EventType, Outbox
from wxlogin.sessions import Draft, Lifetimes
from wxlogin.sessions.errors import UserErased

# Put together once, as SELECT_REF is.
_USERS, _LOGINS = cast("Table", User.__table__), cast("Table", LoginRecord.__table__)
_TOUCH = (
    update(_USERS).where(_USERS.c.id == bindparam("row")).values(last_login_at=bindparam("now"))
)
_INSERT = insert(_LOGINS)


class LoginRecords:
    """Records logins, each in a transaction of its own."""

    def __init__(self, sql: Engine, outbox: Outbox, clock: Clock) -> None:
        self._sql = sql
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
        try:
            with self._sql.begin() as connection:
                # Update the user's row first: the record's foreign key takes a shared lock on it,
                # and two logins that both hold that lock could deadlock at the update (InnoDB).
                connection.execute(_TOUCH, {"row": user.id, "now": now})
                connection.execute(_INSERT, _row(user.id, session_id, draft, now, lifetimes))
                return self._outbox.add(
                    connection, EventType.USER_LOGGED_IN, about, told, session=session_id
                )
        except IntegrityError:  # the foreign key: the user was erased
            raise UserErased() from None

    def delete(self, session_id: str) -> None:
        """Delete the record of a login whose session was refused."""
        with self._sql.begin() as connection:
            connection.execute(delete(_LOGINS).where(_LOGINS.c.session_id == session_id))
            self._outbox.withdraw(connection, session_id)


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
