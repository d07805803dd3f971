"""Persons: the users of one person, in several mini-programs, have one id in common.

The unionid says who is one person, and only where WeChat itself said it, at a login: what passes
through the phone joins nobody. A setting lets phone numbers that WeChat told join too, but nobody
whom WeChat tells apart. Of two persons that turn out to be one, the id of the older user stays.
Whom an operator unlinked is joined with nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from wxlogin.accounts.blind_indexes import PHONE, UNIONID, aad, indexed_phone, under_row_key
from wxlogin.accounts.errors import UserNotFound
from wxlogin.accounts.id_propagation import IdPropagation
from wxlogin.accounts.update_expressions import UNSYNCHRONIZED, next_version
from wxlogin.database import faults, lock_rows
from wxlogin.models import App, User
from wxlogin.outbox import About, EventType, Outbox
from wxlogin.sessions.ids import Ids
from wxlogin.sessions.tokens import new_public_id
from wxlogin.vault import BlindIndex, Indexed, Vault

ATTEMPTS = 4
"""Each but the first follows a change of the same person that was faster."""
COLUMNS = (
    User.id,
    User.public_id,
    User.person,
    User.external_id,
    User.ids_version,
    User.unionid_index,
    User.kept_apart,
    User.created_at,
    App.appid,
)

TOGETHER = User.kept_apart.is_(None)
Known = set[tuple[int, str | None, bool]]
"""The row ids of users, the digests of their unionids, and whether they are kept apart."""


class Persons:
    """Gives users the id of their person."""

    def __init__(
        self,
        current_session: Callable[[], Session],
        vault: Vault,
        index: BlindIndex,
        outbox: Outbox,
        id_propagation: IdPropagation,
        *,
        by_phone: bool = False,
    ) -> None:
        """`by_phone` says whether phone numbers join users too."""
        self._current_session = current_session
        self._vault = vault
        self._index = index
        self._outbox = outbox
        self._id_propagation = id_propagation
        self._by_phone = by_phone

    def find(self, unionid: str | None, app_id: int) -> str | None:
        """Return the person of a unionid for a new user of an app, None if there is none.

        Who has that person stays locked until the transaction ends. None too if one of them is of
        the same app: a number joined them, and `join` is to tell them apart.
        """
        if not unionid:
            return None
        session, digests = self._current_session(), [one.digest for one in self._digests(unionid)]
        known = User.unionid_index.in_(digests), User.person.is_not(None), TOGETHER
        users = select(User.person).where(*known)
        person = session.scalar(users.order_by(User.created_at, User.id).limit(1))
        session.commit()
        if person is None:
            return None
        lock_rows(session, User, User.person == person)
        apps = session.scalars(select(User.app_id).where(User.person == person, TOGETHER))
        return None if app_id in apps.all() else person

    def first_columns(self, public_id: str, unionid: str | None) -> dict[str, Any]:
        """Return the columns of a unionid for a row that is about to be inserted."""
        if not unionid:
            return {}
        sealed = self._vault.seal(unionid, aad("unionid_sealed", public_id))
        return {"unionid_sealed": sealed, "unionid_index": self._digests(unionid)[0].digest}

    def join(self, public_id: str, ids: Ids, unionid: str | None, *, replace: bool = True) -> Ids:
        """Save a unionid, and join the user with the others who have it; return the user's ids.

        `ids` are those that the user had just now. A user without a person gets one. Each user who
        gets another person's id is told of in the same transaction. Without `replace` a user who
        has a unionid by now keeps it, and is joined with nobody. Whom only a number joined with one
        of them stays behind if WeChat tells them apart by now.
        """
        if ids.person and not unionid:
            return ids
        self._outbox.refresh()
        digests = self._digests(unionid) if unionid else []
        same = User.unionid_index.in_([one.digest for one in digests])
        for _ in range(ATTEMPTS):
            found = self._read(self._same(public_id, same))
            own = next((row for row in found if row.public_id == public_id), None)
            if own is None:  # erased since
                return ids
            if _is_settled(own, found, digests) or (own.unionid_index and not replace):
                return _ids(own)
            known = _known(self._read_family(public_id, same))
            if moved := self._try_to_unite(own, same, unionid, known):
                self._id_propagation.propagate(moved)
        raise OperationalError("a person", {}, Exception("others were faster each time"))

    def join_by_phone(self, public_id: str, phone: Mapping[str, str]) -> None:
        """Join a user with those of the same phone number, if the settings want it.

        WeChat told the number of each of them. Whom WeChat tells apart are not joined: two users of
        one mini-program, and those of different unionids.
        """
        if not self._by_phone:
            return
        self._outbox.refresh()
        digests = [one.digest for one in self._index.digests(indexed_phone(phone), PHONE)]
        same = and_(User.phone_index.in_(digests), User.phone_told.is_(True))
        for _ in range(ATTEMPTS):
            found = self._read_family(public_id, same)
            own = next((row for row in found if row.public_id == public_id), None)
            if own is None or own.kept_apart or _are_told_apart(found):
                return
            if len({row.person for row in found}) == 1:
                return
            if moved := self._try_to_unite(own, same, None, _known(found)):
                self._id_propagation.propagate(moved)
        raise OperationalError("a person", {}, Exception("others were faster each time"))

    def unlink(self, public_id: str) -> None:
        """Give a user a person of their own, and keep them apart from now on; UserNotFound."""
        columns = {
            "person": new_public_id(),
            "ids_version": next_version(User.ids_version),
            "kept_apart": True,
        }
        self._change(public_id, columns)
        self._id_propagation.propagate([public_id])

    def allow_joining(self, public_id: str) -> None:
        """Let a user be joined again, which their next login does; UserNotFound."""
        self._change(public_id, {"kept_apart": None})

    def _change(self, public_id: str, columns: Mapping[str, Any]) -> None:
        session, own = self._current_session(), User.public_id == public_id
        lock_rows(session, User, own)
        if session.scalar(select(User.id).where(own)) is None:
            session.rollback()
            raise UserNotFound
        session.execute(update(User).where(own).values(columns), execution_options=UNSYNCHRONIZED)
        session.commit()

    def _read(self, which: ColumnElement[bool]) -> Sequence[Row[Any]]:
        found = self._select(which)
        self._current_session().commit()
        return found

    def _read_family(self, public_id: str, same: ColumnElement[bool]) -> Sequence[Row[Any]]:
        found = self._family(public_id, same)
        self._current_session().commit()
        return found

    def _try_to_unite(
        self, own: Row[Any], same: ColumnElement[bool], unionid: str | None, known: Known
    ) -> list[str]:
        """Unite the users of the person, unless they are not the `known` ones by now.

        Return whose person changed.
        """
        session = self._current_session()
        try:
            lock_rows(session, User, User.id.in_([user for user, *_ in known]))
            family = self._family(own.public_id, same)
            if _known(family) == known:
                digests = self._digests(unionid) if unionid else []
                moved = self._unite(*_united(own, family, digests))
                self._save_unionid(own.public_id, unionid)
                session.commit()
                return moved
        except DBAPIError as fault:
            if not faults.is_deadlock(fault.orig):
                raise
        session.rollback()
        return []

    def _unite(self, users: Sequence[Row[Any]], person: str) -> list[str]:
        """Give all of them the person, and tell of those who had another: the result."""
        session = self._current_session()
        moved = [row for row in users if row.person != person]
        rows = update(User).where(User.id.in_([row.id for row in moved]))
        columns = {"person": person, "ids_version": next_version(User.ids_version)}
        session.execute(rows.values(columns), execution_options=UNSYNCHRONIZED)
        for row in moved:
            if len(users) > 1:
                about = About(row.public_id, row.appid, person, row.external_id)
                self.tell_joined(about, row.person)
        return [row.public_id for row in moved]

    def tell_joined(self, about: About, previous: str | None) -> None:
        """Write the event of a user who now has a person in common with others."""
        session = self._current_session()
        self._outbox.add(session, EventType.PERSON_JOINED, about, {"previous": previous})

    def _save_unionid(self, public_id: str, unionid: str | None) -> None:
        if unionid:
            columns = {
                **self.first_columns(public_id, unionid),
                "unionid_index": under_row_key(self._digests(unionid)),
            }
            own = update(User).where(User.public_id == public_id)
            self._current_session().execute(own.values(columns), execution_options=UNSYNCHRONIZED)

    def _family(self, public_id: str, same: ColumnElement[bool]) -> Sequence[Row[Any]]:
        """Return the user, those who are the same, and all who have the person of one of them."""
        which = self._same(public_id, same)
        persons = {row.person for row in self._select(which) if row.person}
        return self._select(or_(which, and_(User.person.in_(persons), TOGETHER)))

    def _same(self, public_id: str, same: ColumnElement[bool]) -> ColumnElement[bool]:
        return or_(User.public_id == public_id, and_(same, TOGETHER))

    def _select(self, which: ColumnElement[bool]) -> Sequence[Row[Any]]:
        users = select(*COLUMNS).join(App, App.id == User.app_id).where(which)
        return list(self._current_session().execute(users))

    def _digests(self, unionid: str) -> list[Indexed]:
        return self._index.digests(unionid, UNIONID)


def _known(users: Sequence[Row[Any]]) -> Known:
    return {(row.id, row.unionid_index, bool(row.kept_apart)) for row in users}


def ids_of(person: str | None, external_id: str | None, version: int | None) -> Ids:
    """Return the ids of a user's columns."""
    return Ids(person or "", external_id or "", version or 0)


def _ids(row: Row[Any]) -> Ids:
    return ids_of(row.person, row.external_id, row.ids_version)


def _are_told_apart(family: Sequence[Row[Any]]) -> bool:
    """Return whether WeChat says that they are several people."""
    return len(_others(family, set())) > 1 or _are_of_one_app(family)


def _united(
    own: Row[Any], family: Sequence[Row[Any]], digests: Sequence[Indexed]
) -> tuple[Sequence[Row[Any]], str]:
    """Return who of a family are one person, and that person: the one of the oldest user.

    If WeChat tells the family apart, they are the user and those of the same unionid: the rest,
    whom a number joined, keep their person. Who had the user's former unionid is no other: it
    changes with the Open Platform account, app by app.
    """
    same = {one.digest for one in digests}
    users = family
    if same and (_others(family, {*same, own.unionid_index}) or _are_of_one_app(family)):
        users = [row for row in family if row.id == own.id or row.unionid_index in same]
    kept = {row.person for row in family if row not in users}
    by_age = sorted(users, key=lambda row: (row.created_at, row.id))
    persons = (row.person for row in by_age if row.person and row.person not in kept)
    return users, next(persons, None) or new_public_id()


def _others(family: Sequence[Row[Any]], unionids: set[str | None]) -> set[str]:
    """Return the unionids of a family beside these."""
    return {row.unionid_index for row in family if row.unionid_index} - unionids


def _are_of_one_app(family: Sequence[Row[Any]]) -> bool:
    """Return whether two of a family are users of one app."""
    return len({row.appid for row in family}) < len(family)


def _is_settled(own: Row[Any], found: Sequence[Row[Any]], digests: Sequence[Indexed]) -> bool:
    """Return whether the unionid is saved, and all have one person; or the user is kept apart."""
    if own.kept_apart:
        return True
    saved = not digests or own.unionid_index in [one.digest for one in digests]
    return saved and own.person is not None and len({row.person for row in found}) == 1
