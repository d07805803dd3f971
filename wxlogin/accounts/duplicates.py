"""Duplicate users: two of one person in one mini-program. It finds such pairs and joins the two.

A wrong index key makes every user a new one. The openid says who is who: it is sealed, not indexed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.orm import Session

from wxlogin.accounts.bans import Bans, ban_of
from wxlogin.accounts.blind_indexes import INDEXES, aad, openid_purpose
from wxlogin.accounts.erasure import note_erased
from wxlogin.accounts.errors import NotOnePerson, UserNotFound
from wxlogin.accounts.id_propagation import IdPropagation
from wxlogin.accounts.users import index_rows
from wxlogin.clock import Clock, utc_now
from wxlogin.database import lock_rows
from wxlogin.models import App, LoginRecord, SecurityEvent, SessionEnd, User, UserOpenidIndex
from wxlogin.models.types import Sealed
from wxlogin.sessions import SessionStore
from wxlogin.sessions.causes import JOINED
from wxlogin.vault import BlindIndex, SealBroken, Vault

BATCH = 200
UserRow = Mapping[str, Any]
"""The columns of a user, and the appid."""
OF_ONE_USER = ("ban_reason", "banned_until", "ban_version", "void_before")
"""What holds for a user's own sessions: a ban is imposed on the other anew."""
SEALED = tuple(one.name for one in User.__table__.columns if isinstance(one.type, Sealed))


class Pair(NamedTuple):
    """The public ids of two users of one openid, the older one first."""

    keep: str
    drop: str


class Progress(NamedTuple):
    """Users looked at so far, and the pairs that the latest of them are in."""

    seen: int
    pairs: list[Pair]


def find_duplicates(
    sql: Engine, vault: Vault, index: BlindIndex, *, after: int = 0
) -> Iterator[Progress]:
    """Look at every user whose row's id is greater than `after`, and yield after each batch.

    A user is in a pair if another one of the mini-program has the index of their openid, under any
    key of the ring. It opens every openid: 50 us each.
    """
    last, seen = after, 0
    while rows := _batch(sql, last):
        last, seen = rows[-1]["id"], seen + len(rows)
        yield Progress(seen, sorted(_pairs(sql, vault, index, rows)))


class Merging:
    """Joins two users of one person."""

    def __init__(
        self,
        current_session: Callable[[], Session],
        vault: Vault,
        index: BlindIndex,
        sessions: SessionStore,
        bans: Bans,
        id_propagation: IdPropagation,
        clock: Clock,
    ) -> None:
        self._current_session = current_session
        self._vault = vault
        self._index = index
        self._sessions = sessions
        self._bans = bans
        self._id_propagation = id_propagation
        self._clock = clock

    def merge(self, keep: str, drop: str) -> int:
        """Give one user the history and the data of another, who is deleted.

        What both have stays as `keep` has it; a ban of either holds. Return how many sessions of
        `drop` ended. UserNotFound if there is no such user, NotOnePerson if the openids differ. It
        may be repeated if it was interrupted.
        """
        kept, dropped = self._get(keep), self._get(drop)
        if kept["id"] == dropped["id"] or kept["app_id"] != dropped["app_id"]:
            raise NotOnePerson
        openid = self._open(kept, "openid_sealed")
        if openid is None or openid != self._open(dropped, "openid_sealed"):
            raise NotOnePerson
        now = utc_now(self._clock)
        self._current_session().commit()
        # As an erasure does it: SQL first, so that no copy of Redis brings the user back.
        note_erased(self._current_session(), drop, now)
        ended = self._sessions.block(drop, "erased", cause=JOINED)
        self._join(kept, dropped, openid)
        self._id_propagation.propagate([keep])
        ban = ban_of(dropped["ban_reason"], dropped["banned_until"], now)
        if ban and ban_of(kept["ban_reason"], kept["banned_until"], now) is None:
            self._bans.impose(keep, ban)
        return ended

    def _get(self, public_id: str) -> UserRow:
        columns = User.__table__.columns
        found = select(*columns, App.appid).join(App, App.id == User.app_id)
        found = found.where(User.public_id == public_id)
        row = self._current_session().execute(found).mappings().first()
        if row is None:
            raise UserNotFound
        return dict(row)

    def _open(self, user: UserRow, column: str) -> str | None:
        sealed: str | None = user[column]
        return self._vault.open_or_none(sealed, aad(column, user["public_id"])) if sealed else None

    def _join(self, kept: UserRow, dropped: UserRow, openid: str) -> None:
        session = self._current_session()
        run = session.execute
        # The row's lock first: a login that is writing its record of `drop` is waited for.
        lock_rows(session, User, User.id.in_([kept["id"], dropped["id"]]))
        run(
            update(LoginRecord)
            .where(LoginRecord.user_id == dropped["id"])
            .values(user_id=kept["id"])
        )
        run(
            update(SessionEnd).where(SessionEnd.user_id == dropped["id"]).values(user_id=kept["id"])
        )
        run(
            update(SecurityEvent)
            .where(SecurityEvent.user == dropped["public_id"])
            .values(user=kept["public_id"])
        )
        run(delete(UserOpenidIndex).where(UserOpenidIndex.user_id.in_([kept["id"], dropped["id"]])))
        run(delete(User).where(User.id == dropped["id"]))
        digests = self._index.digests(openid, openid_purpose(kept["appid"]))
        run(update(User).where(User.id == kept["id"]).values(self._columns(kept, dropped)))
        run(insert(UserOpenidIndex), index_rows(kept["app_id"], kept["id"], sorted(digests)))
        session.commit()

    def _columns(self, kept: UserRow, dropped: UserRow) -> dict[str, Any]:
        """Return the columns of the user that is kept, all indexes under the newest key."""
        special = (*SEALED, *(one.index for one in INDEXES), *OF_ONE_USER)
        lacking = {
            name: value
            for name, value in dropped.items()
            if name not in special and kept[name] is None
        }
        clear = {name: self._open(kept, name) or self._open(dropped, name) for name in SEALED}
        columns: dict[str, Any] = {
            name: self._vault.seal(text, aad(name, kept["public_id"]))
            for name, text in clear.items()
            if text
        }
        for one in INDEXES:
            indexed = kept[one.index] or dropped[one.index]
            if indexed and (text := clear[one.sealed]):
                digests = self._index.digests(one.value(text), one.purpose(kept["appid"]))
                columns[one.index] = digests[0].digest
        return {
            **lacking,
            **columns,
            "index_key": self._index.newest,
            "ids_version": max(kept["ids_version"] or 0, dropped["ids_version"] or 0) + 1,
            "created_at": min(kept["created_at"], dropped["created_at"]),
            "last_login_at": max(kept["last_login_at"], dropped["last_login_at"]),
        }


def _batch(sql: Engine, last: int) -> Sequence[UserRow]:
    columns = User.id, User.public_id, User.app_id, User.openid_sealed, App.appid
    users = select(*columns).join(App, App.id == User.app_id).where(User.id > last)
    with sql.connect() as connection:
        found = connection.execute(users.order_by(User.id).limit(BATCH)).mappings()
        return [dict(row) for row in found]


def _pairs(sql: Engine, vault: Vault, index: BlindIndex, rows: Sequence[UserRow]) -> set[Pair]:
    owners: dict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        try:
            openid = vault.open(row["openid_sealed"], aad("openid_sealed", row["public_id"]))
        except SealBroken:
            continue
        for one in index.digests(openid, openid_purpose(row["appid"])):
            owners[row["app_id"], one.digest].append((row["id"], row["public_id"]))
    columns = User.id, User.public_id, User.app_id, User.openid_index
    digests = {digest for _, digest in owners}
    with sql.connect() as connection:
        found = connection.execute(select(*columns).where(User.openid_index.in_(digests))).all()
    return {
        _pair(own, (other.id, other.public_id))
        for other in found
        for own in owners.get((other.app_id, other.openid_index), ())
        if own[0] != other.id
    }


def _pair(*users: tuple[int, str]) -> Pair:
    (_, keep), (_, drop) = sorted(users)
    return Pair(keep, drop)
