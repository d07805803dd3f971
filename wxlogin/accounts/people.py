"""The people behind the users, as operators look for them: lists, exact search, one person."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, or_, select

from wxlogin import errors
from wxlogin.accounts.apps import Apps
from wxlogin.accounts.bans import Ban, ban_of
from wxlogin.accounts.phone_numbers import readings
from wxlogin.accounts.users import place
from wxlogin.clock import Clock
from wxlogin.errors import ApiError
from wxlogin.extensions import db
from wxlogin.models import App, LoginRecord, User
from wxlogin.vault import BlindIndex, Vault


@dataclass(frozen=True)
class Person:
    """A user with all that is kept of them, opened; a value that does not open is None."""

    row_id: int
    id: str
    appid: str
    created_at: datetime
    last_login_at: datetime
    ban: Ban | None
    openid: str | None = field(repr=False)
    unionid: str | None = field(repr=False)
    phone: dict[str, str] | None = field(repr=False)
    profile: dict[str, Any] | None = field(repr=False)


class Linked(NamedTuple):
    """Another user of the same person."""

    id: str
    appid: str


class Turn(NamedTuple):
    """Where a page of logins ended."""

    at: datetime
    row_id: int


class People:
    """Finds users of all mini-programs. Every list is bounded and walks an index."""

    def __init__(self, vault: Vault, index: BlindIndex, clock: Clock, apps: Apps) -> None:
        self._vault = vault
        self._index = index
        self._clock = clock
        self._apps = apps

    def newest(self, most: int, before: int | None = None) -> list[Person]:
        """So many users, the newest first; `before` is the row id where the last page ended."""
        older = [] if before is None else [User.id < before]
        return self._people(select(User).where(*older).order_by(User.id.desc()).limit(most))

    def get(self, public_id: str) -> Person:
        """One user; NOT_FOUND if there is none of this id."""
        found = self.of_id(public_id)
        if not found:
            raise ApiError(errors.NOT_FOUND, "There is no user of this id.")
        return found[0]

    def of_id(self, public_id: str) -> list[Person]:
        """The user of this public id."""
        return self._people(select(User).where(User.public_id == public_id))

    def of_openid(self, openid: str) -> list[Person]:
        """The user of this openid; each mini-program has openids of its own."""
        apps = self._apps.all().values()
        digests = [d for app in apps for d in self._digests(openid, f"openid:{app.appid}")]
        mine = User.app_id.in_([app.id for app in apps]), User.openid_index.in_(digests)
        return self._people(select(User).where(*mine))

    def of_phone(self, typed: str, most: int) -> list[Person]:
        """The users of a phone number in any form that people type, the newest first."""
        digests = [d for number in readings(typed) for d in self._digests(number, "phone")]
        mine = User.phone_index.in_(digests)
        return self._people(select(User).where(mine).order_by(User.id.desc()).limit(most))

    def linked(self, person: Person) -> list[Linked]:
        """The person's users in other mini-programs, by the unionid."""
        if person.unionid is None:
            return []
        digests = self._digests(person.unionid, "unionid")
        others = (
            select(User.public_id, App.appid)
            .join(App, App.id == User.app_id)
            .where(User.unionid_index.in_(digests), User.id != person.row_id)
            .order_by(User.id)
        )
        return [Linked(*row) for row in db.session.execute(others)]

    def logins(
        self, person: Person, most: int | None = None, before: Turn | None = None
    ) -> list[LoginRecord]:
        """So many of the person's logins, or all, newest first, from where the last page ended."""
        at, row_id = LoginRecord.at, LoginRecord.id
        older = [at <= before.at, or_(at < before.at, row_id < before.row_id)] if before else []
        return list(
            db.session.scalars(
                select(LoginRecord)
                .where(LoginRecord.user_id == person.row_id, *older)
                .order_by(at.desc(), row_id.desc())
                .limit(most)
            )
        )

    def _digests(self, value: str, purpose: str) -> list[str]:
        """What a value is indexed under, by any key of the ring."""
        return [indexed.digest for indexed in self._index.of(value, purpose)]

    def _people(self, rows: Select[User]) -> list[Person]:
        appids = {app.id: app.appid for app in self._apps.all().values()}
        return [self._opened(user, appids[user.app_id]) for user in db.session.scalars(rows)]

    def _opened(self, user: User, appid: str) -> Person:
        phone, profile = self._open(user, "phone_sealed"), self._open(user, "profile_sealed")
        return Person(
            row_id=user.id,
            id=user.public_id,
            appid=appid,
            created_at=user.created_at,
            last_login_at=user.last_login_at,
            ban=ban_of(user.ban_reason, user.banned_until, self._now()),
            openid=self._open(user, "openid_sealed"),
            unionid=self._open(user, "unionid_sealed"),
            phone=json.loads(phone) if phone else None,
            profile=json.loads(profile) if profile else None,
        )

    def _open(self, user: User, column: str) -> str | None:
        sealed = getattr(user, column)
        return self._vault.open_kept(sealed, place(column, user.public_id)) if sealed else None

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)
