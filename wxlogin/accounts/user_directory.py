"""Users as operators see them: lists, exact search, one user with all stored data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, Select, false, or_, select
from sqlalchemy.orm import Session

from wxlogin.accounts.apps import Apps
from wxlogin.accounts.bans import Ban, ban_of
from wxlogin.accounts.blind_indexes import PHONE, aad, openid_purpose
from wxlogin.accounts.errors import UserNotFound
from wxlogin.accounts.phone_numbers import readings
from wxlogin.accounts.user_refs import SELECT_REF, UserRef, user_ref
from wxlogin.clock import Clock, utc_now
from wxlogin.database.counting import count_rows, in_order
from wxlogin.models import App, LoginRecord, User, UserOpenidIndex
from wxlogin.vault import BlindIndex, Vault


@dataclass(frozen=True)
class UserProfile:
    """A user with all stored data, decrypted; a value that cannot be decrypted is None."""

    row_id: int
    id: str
    appid: str
    created_at: datetime
    last_login_at: datetime
    ban: Ban | None
    risk_rank: int | None
    person: str | None
    kept_apart: bool
    external_id: str | None
    openid: str | None = field(repr=False)
    unionid: str | None = field(repr=False)
    phone: dict[str, str] | None = field(repr=False)
    profile: dict[str, object] | None = field(repr=False)


class LinkedUser(NamedTuple):
    """Another user of the same person, most often in another mini-program."""

    id: str
    appid: str


class LoginCursor(NamedTuple):
    """The last login of a page."""

    at: datetime
    row_id: int


class WantedUsers(NamedTuple):
    """Which users a list has; None means any. The times bound the first login."""

    appid: str | None = None
    banned: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    oldest_first: bool = False


EVERYBODY = WantedUsers()


class UserDirectory:
    """Finds users of all mini-programs. Every list is bounded and uses an index."""

    def __init__(
        self,
        current_session: Callable[[], Session],
        single: Engine,
        vault: Vault,
        index: BlindIndex,
        clock: Clock,
        apps: Apps,
    ) -> None:
        self._current_session = current_session
        self._single = single
        self._vault = vault
        self._index = index
        self._clock = clock
        self._apps = apps

    def list_newest(
        self, limit: int, before: int | None = None, wanted: WantedUsers = EVERYBODY
    ) -> list[UserProfile]:
        """Return up to `limit` wanted users in their order, those behind the row id `before`."""
        behind, order = in_order(User.id, before, oldest_first=wanted.oldest_first)
        query = select(User).where(*self._conditions(wanted), *behind).order_by(order)
        return self._list(query.limit(limit))

    def count(self, wanted: WantedUsers = EVERYBODY) -> int:
        """Return how many users are wanted, as `count_rows` counts."""
        return count_rows(self._current_session(), User.id, self._conditions(wanted))

    def profiles(self, public_ids: Iterable[str]) -> dict[str, UserProfile]:
        """Return these users by their ids; those who were erased are missing."""
        found = self._list(select(User).where(User.public_id.in_(set(public_ids))))
        return {user.id: user for user in found}

    def stored_profiles(self, public_ids: Iterable[str]) -> dict[str, dict[str, object] | None]:
        """Return what these users say of themselves, by their ids, and open nothing else."""
        query = select(User.public_id, User.profile_sealed)
        rows = self._current_session().execute(query.where(User.public_id.in_(set(public_ids))))
        return {one: self._profile(one, sealed) for one, sealed in rows}

    def get(self, public_id: str) -> UserProfile:
        """Return one user; UserNotFound if no user has this public id."""
        found = self.find_by_id(public_id)
        if not found:
            raise UserNotFound
        return found[0]

    def get_ref(self, public_id: str) -> UserRef:
        """Return what a sign-in has to know of a user; UserNotFound for one who was erased."""
        with self._single.connect() as connection:
            row = connection.execute(SELECT_REF.where(User.public_id == public_id)).first()
        if row is None:
            raise UserNotFound
        return user_ref(row, utc_now(self._clock))

    def find_by_id(self, public_id: str) -> list[UserProfile]:
        """Return the user of this public id, or an empty list."""
        return self._list(select(User).where(User.public_id == public_id))

    def find_by_openid(self, openid: str) -> list[UserProfile]:
        """Return the users of this openid; each mini-program has openids of its own."""
        apps = self._apps.all().values()
        digests = [d for app in apps for d in self._digests(openid, openid_purpose(app.appid))]
        matches = User.app_id.in_([app.id for app in apps]), User.openid_index.in_(digests)
        first = select(UserOpenidIndex.user_id).where(
            UserOpenidIndex.app_id.in_([app.id for app in apps]),
            UserOpenidIndex.openid_index.in_(digests),
        )
        return self._list(select(User).where(*matches)) or self._list(
            select(User).where(User.id.in_(first))
        )

    def find_by_phone(self, typed: str, limit: int) -> list[UserProfile]:
        """Return up to `limit` users of a phone number as people type it, newest first."""
        digests = [d for number in readings(typed) for d in self._digests(number, PHONE)]
        matches = User.phone_index.in_(digests)
        return self._list(select(User).where(matches).order_by(User.id.desc()).limit(limit))

    def find_by_external_id(self, external_id: str) -> list[UserProfile]:
        """Return the users of the team's own id; each mini-program has ids of its own."""
        apps = [app.id for app in self._apps.all().values()]
        same = User.app_id.in_(apps), User.external_id == external_id
        return self._list(select(User).where(*same).order_by(User.id.desc()))

    def list_linked(self, user: UserProfile) -> list[LinkedUser]:
        """Return the same person's other users."""
        if user.person is None:
            return []
        others = (
            select(User.public_id, App.appid)
            .join(App, App.id == User.app_id)
            .where(User.person == user.person, User.id != user.row_id)
            .order_by(User.id)
        )
        return [LinkedUser(*row) for row in self._current_session().execute(others)]

    def list_logins(
        self, user: UserProfile, limit: int | None = None, before: LoginCursor | None = None
    ) -> list[LoginRecord]:
        """Return up to `limit` of the user's logins, or all, newest first, from `before` on."""
        at, row_id = LoginRecord.at, LoginRecord.id
        older = [at <= before.at, or_(at < before.at, row_id < before.row_id)] if before else []
        logins = (
            select(LoginRecord)
            .where(LoginRecord.user_id == user.row_id, *older)
            .order_by(at.desc(), row_id.desc())
            .limit(limit)
        )
        return list(self._current_session().scalars(logins))

    def _conditions(self, wanted: WantedUsers) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if wanted.appid is not None:
            app = self._apps.all().get(wanted.appid)
            found.append(User.app_id == app.id if app else false())
        if wanted.banned is not None:
            over = User.banned_until <= utc_now(self._clock)
            found.append(
                User.ban_reason.is_not(None) & or_(User.banned_until.is_(None), ~over)
                if wanted.banned
                else or_(User.ban_reason.is_(None), over)
            )
        if wanted.since is not None:
            found.append(User.created_at >= wanted.since)
        if wanted.until is not None:
            found.append(User.created_at < wanted.until)
        return found

    def _digests(self, value: str, purpose: str) -> list[str]:
        """Return the digests of a value under each index key."""
        return [indexed.digest for indexed in self._index.digests(value, purpose)]

    def _list(self, query: Select[User]) -> list[UserProfile]:
        appids = {app.id: app.appid for app in self._apps.all().values()}
        rows = self._current_session().scalars(query)
        return [self._decrypt(user, appids[user.app_id]) for user in rows]

    def _decrypt(self, user: User, appid: str) -> UserProfile:
        phone = self._open("phone_sealed", user.public_id, user.phone_sealed)
        return UserProfile(
            row_id=user.id,
            id=user.public_id,
            appid=appid,
            created_at=user.created_at,
            last_login_at=user.last_login_at,
            risk_rank=user.risk_rank,
            ban=ban_of(user.ban_reason, user.banned_until, utc_now(self._clock)),
            person=user.person,
            kept_apart=bool(user.kept_apart),
            external_id=user.external_id,
            openid=self._open("openid_sealed", user.public_id, user.openid_sealed),
            unionid=self._open("unionid_sealed", user.public_id, user.unionid_sealed),
            phone=json.loads(phone) if phone else None,
            profile=self._profile(user.public_id, user.profile_sealed),
        )

    def _profile(self, public_id: str, sealed: str | None) -> dict[str, object] | None:
        text = self._open("profile_sealed", public_id, sealed)
        return json.loads(text) if text else None

    def _open(self, column: str, public_id: str, sealed: str | None) -> str | None:
        return self._vault.open_or_none(sealed, aad=aad(column, public_id)) if sealed else None
