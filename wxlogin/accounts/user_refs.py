"""What a sign-in has to know of a user, read by one query."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, select

from wxlogin.accounts.bans import Ban, ban_of
from wxlogin.accounts.persons import ids_of
from wxlogin.models import User
from wxlogin.sessions.ids import NO_IDS, Ids

# Put together once: logins and open data spent a twentieth of their CPU time on their queries.
SELECT_REF = select(
    User.id,
    User.public_id,
    User.ban_reason,
    User.banned_until,
    User.void_before,
    User.person,
    User.external_id,
    User.ids_version,
    User.nickname_unchecked,
)


class UserRef(NamedTuple):
    """A user's row id and public id, whether this login created the user, and a ban in force.

    Sessions that began at or before `void_before`, in Unix ms, are void. `ids` are further ids.
    With `nickname_unchecked` WeChat has still to check the nickname.
    """

    id: int
    public_id: str
    is_new: bool
    ban: Ban | None = None
    void_before: int = 0
    ids: Ids = NO_IDS
    nickname_unchecked: bool = False


def user_ref(row: Row[*tuple[Any, ...]], now: datetime) -> UserRef:
    """Return a row of `SELECT_REF`, of a user who was there before, as of a time."""
    return UserRef(
        row.id,
        row.public_id,
        is_new=False,
        ban=ban_of(row.ban_reason, row.banned_until, now),
        void_before=row.void_before or 0,
        ids=ids_of(row.person, row.external_id, row.ids_version),
        nickname_unchecked=bool(row.nickname_unchecked),
    )
