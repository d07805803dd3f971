"""Users in SQL: looked up and created by the blind index of the openid."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, ScalarSelect, bindparam, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from wxlogin.accounts.apps import MiniProgram
from wxlogin.accounts.blind_indexes import (
    PHONE,
    aad,
    indexed_phone,
    openid_purpose,
    under_row_key,
)
from wxlogin.accounts.errors import UserGone
from wxlogin.accounts.persons import Persons
from wxlogin.accounts.risk_ranks import UNKNOWN, Risk
from wxlogin.accounts.user_refs import SELECT_REF, UserRef, user_ref
from wxlogin.clock import Clock, utc_now
from wxlogin.database import faults, lock_rows
from wxlogin.models import User, UserOpenidIndex
from wxlogin.outbox import About, EventType, Outbox
from wxlogin.outbox.event_types import Json
from wxlogin.outbox.outbox import NO_DATA
from wxlogin.outbox.subjects import about_user
from wxlogin.sessions.ids import Ids
from wxlogin.sessions.tokens import new_public_id
from wxlogin.vault import BlindIndex, Indexed, Vault

ATTEMPTS = 4
"""Each but the first follows a first login of the same person that was faster."""

# Put together once, as SELECT_REF is.
_BY_OPENID = SELECT_REF.where(
    User.app_id == bindparam("app"), User.openid_index.in_(bindparam("digests", expanding=True))
)
_OPENID = select(User.openid_sealed).where(User.public_id == bindparam("user"))


class Users:
    """The users of all mini-programs."""

    def __init__(
        self,
        current_session: Callable[[], Session],
        single: Engine,
        vault: Vault,
        index: BlindIndex,
        clock: Clock,
        outbox: Outbox,
        persons: Persons,
    ) -> None:
        self._current_session = current_session
        self._single = single
        self._vault = vault
        self._index = index
        self._clock = clock
        self._outbox = outbox
        self._persons = persons

    def get_or_create(
        self, app: MiniProgram, openid: str, unionid: str | None = None, risk: Risk = UNKNOWN
    ) -> UserRef:
        """Return the user of this openid; two concurrent first logins create one user.

        That holds on hosts whose newest index keys differ, as long as they have one in common. The
        unionid is saved, if there is one: it joins the users of one person. WeChat sends it once
        the app is bound to an Open Platform account, so a user may get theirs later.
        """
        for _ in range(ATTEMPTS):
            user = self.get(app, openid) or self._create(app, openid, unionid, risk)
            if user:
                ids = self._persons.join(user.public_id, user.ids, unionid)
                return user._replace(ids=ids)
        raise OperationalError("a first login", {}, Exception("others were faster each time"))

    def get(self, app: MiniProgram, openid: str) -> UserRef | None:
        """Return the user of this openid, or None."""
        digests = [indexed.digest for indexed in self._digests(app, openid)]
        with self._single.connect() as connection:
            row = connection.execute(_BY_OPENID, {"app": app.id, "digests": digests}).first()
            if row is None:
                first = SELECT_REF.where(User.id == first_logged_in(app.id, digests))
                row = connection.execute(first).first()
        return user_ref(row, utc_now(self._clock)) if row else None

    def get_openid(self, public_id: str) -> str:
        """Return the user's openid; UserGone if the user was erased."""
        session = self._current_session()
        sealed = session.scalar(_OPENID, {"user": public_id})
        session.commit()  # returns the connection to the pool: the caller is about to call WeChat
        if sealed is None:
            raise UserGone
        return self._vault.open(sealed, aad("openid_sealed", public_id))

    def complete_unionid(self, public_id: str, unionid: str | None) -> None:
        """Save the unionid of a user who has none, from data that passed through the phone.

        It links the user to nobody, as only WeChat's own word at a login does.
        """
        if unionid:
            session = self._current_session()
            sealed = self._vault.seal(unionid, aad("unionid_sealed", public_id))
            user = User.public_id == public_id, User.unionid_sealed.is_(None)
            session.execute(update(User).where(*user).values(unionid_sealed=sealed))
            session.commit()

    def save_profile(self, public_id: str, profile: Mapping[str, object]) -> None:
        """Save the user's profile, sealed."""
        self._outbox.refresh()
        clear, place = json.dumps(profile, ensure_ascii=False), aad("profile_sealed", public_id)
        session, own = self._current_session(), User.public_id == public_id
        before = session.scalar(select(User.profile_sealed).where(own))
        columns = {"profile_sealed": self._vault.seal(clear, place), "nickname_unchecked": None}
        if before is None or self._vault.open_or_none(before, place) != clear:
            self._tell(public_id, EventType.USER_PROFILE_CHANGED)
        self._update(public_id, columns)

    def save_phone(self, public_id: str, phone: Mapping[str, str], *, told: bool) -> None:
        """Save the user's phone number, sealed, with one blind index for all apps.

        `told` says that WeChat itself told it; else it came through the phone.
        """
        self._outbox.refresh()
        clear = json.dumps(phone, ensure_ascii=False)
        digests = self._index.digests(indexed_phone(phone), PHONE)
        columns: dict[str, Any] = {
            "phone_sealed": self._vault.seal(clear, aad("phone_sealed", public_id)),
            "phone_index": under_row_key(digests),
        }
        session, own = self._current_session(), User.public_id == public_id
        # Locked, so that no other number comes between: WeChat told this one, or did not.
        lock_rows(session, User, own)
        before = session.scalar(select(User.phone_index).where(own))
        if before not in [indexed.digest for indexed in digests]:
            self._tell(public_id, EventType.USER_PHONE_CHANGED)
            columns["phone_told"] = None
        if told:
            columns["phone_told"] = True
        self._update(public_id, columns)

    def clear_open_data(
        self,
        public_id: str,
        *,
        phone: bool,
        profile: bool,
        tell: EventType,
        data: Mapping[str, Json],
    ) -> None:
        """Delete the user's phone number, profile, both or neither, and tell why."""
        self._outbox.refresh()
        columns: dict[str, None] = {}
        if phone:
            columns |= {"phone_sealed": None, "phone_index": None, "phone_told": None}
        if profile:
            columns |= {"profile_sealed": None, "nickname_unchecked": None}
        session, own = self._current_session(), User.public_id == public_id
        if columns:
            session.execute(update(User).where(own).values(**columns))
        self._tell(public_id, tell, data)
        session.commit()

    def _create(
        self, app: MiniProgram, openid: str, unionid: str | None, risk: Risk
    ) -> UserRef | None:
        """Create the user; return None if a concurrent login was first."""
        try:
            return self._insert(app, openid, unionid, risk)
        except DBAPIError as fault:
            self._current_session().rollback()
            if not isinstance(fault, IntegrityError) and not faults.is_deadlock(fault.orig):
                raise
            return None

    def _insert(self, app: MiniProgram, openid: str, unionid: str | None, risk: Risk) -> UserRef:
        public_id, now, digests = new_public_id(), utc_now(self._clock), self._digests(app, openid)
        known_person = self._persons.find(unionid, app.id)
        person = known_person or new_public_id()
        user = User(
            public_id=public_id,
            app_id=app.id,
            openid_sealed=self._vault.seal(openid, aad("openid_sealed", public_id)),
            openid_index=digests[0].digest,
            index_key=digests[0].key_id,
            risk_rank=risk.rank,
            person=person,
            created_at=now,
            last_login_at=now,
            **self._persons.first_columns(public_id, unionid),
        )
        session = self._current_session()
        session.add(user)
        session.flush()
        # In one order, so that two first logins do not wait for one another.
        session.execute(insert(UserOpenidIndex), index_rows(user.app_id, user.id, sorted(digests)))
        about, rank = About(public_id, app.appid, person), {"risk_rank": risk.rank}
        self._outbox.add(session, EventType.USER_CREATED, about, rank, held=risk.awaited)
        if known_person:
            self._persons.tell_joined(about, None)
        created = UserRef(user.id, public_id, is_new=True, ids=Ids(person))
        session.commit()
        return created

    def _tell(self, public_id: str, type_: EventType, data: Mapping[str, Json] = NO_DATA) -> None:
        """Write an event of the user, unless they were erased, in the open transaction.

        The user's row is locked first: nothing is told behind the back of an erasure.
        """
        session = self._current_session()
        lock_rows(session, User, User.public_id == public_id)
        if about := about_user(session, public_id):
            self._outbox.add(session, type_, about, data)

    def _update(self, public_id: str, columns: Mapping[str, Any]) -> None:
        session = self._current_session()
        session.execute(update(User).where(User.public_id == public_id).values(**columns))
        session.commit()

    def _digests(self, app: MiniProgram, openid: str) -> list[Indexed]:
        return self._index.digests(openid, openid_purpose(app.appid))


def first_logged_in(app_id: int, digests: Sequence[str]) -> ScalarSelect[int]:
    """Select the id of the user who first logged in with a digest of these.

    A host may have indexed them under a key that is not here, beside one that is.
    """
    same = UserOpenidIndex.app_id == app_id, UserOpenidIndex.openid_index.in_(digests)
    return select(UserOpenidIndex.user_id).where(*same).limit(1).scalar_subquery()


def index_rows(app_id: int, user_id: int, digests: Sequence[Indexed]) -> list[dict[str, Any]]:
    """Return the rows that reserve an openid for a user, under each key."""
    return [
        {
            "app_id": app_id,
            "openid_index": one.digest,
            "index_key": one.key_id,
            "user_id": user_id,
        }
        for one in digests
    ]
