"""What users say of themselves: nickname and avatar, from WeChat's 头像昵称填写能力.

The profile is stored sealed, in WeChat's own form (`nickName`, `avatarUrl`), whichever call stored
it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from wxlogin.accounts.blind_indexes import aad
from wxlogin.accounts.errors import UserGone
from wxlogin.database import lock_rows
from wxlogin.models import User
from wxlogin.outbox import EventType, Outbox
from wxlogin.outbox.subjects import about_user
from wxlogin.outbox.subscriptions import Transaction
from wxlogin.vault import Vault

PLACEHOLDER = "微信用户"
"""The nickname that WeChat gives newer mini-programs in place of the user's."""
Stored = dict[str, object]
"""A profile as it is stored."""


class Profile(NamedTuple):
    """A nickname and the URL of an avatar, None where there is none."""

    nickname: str | None
    avatar_url: str | None

    @property
    def is_complete(self) -> bool:
        """Whether there are both, and the nickname is the user's own."""
        return bool(self.nickname and self.avatar_url) and self.nickname != PLACEHOLDER


@dataclass(frozen=True)
class OwnProfile:
    """A user as the user sees themselves; a value that cannot be decrypted is None."""

    person: str | None
    external_id: str | None
    created_at: datetime
    profile: Profile = field(repr=False)
    phone: dict[str, str] | None = field(repr=False)


class Profiles:
    """Reads and changes profiles. Each change and its event are one transaction."""

    def __init__(
        self,
        current_session: Callable[[], Session],
        sql: Engine,
        vault: Vault,
        outbox: Outbox,
    ) -> None:
        self._current_session = current_session
        self._sql = sql
        self._vault = vault
        self._outbox = outbox

    def get(self, public_id: str) -> OwnProfile:
        """Return what a user sees of themselves, by one statement; UserGone if they were erased."""
        own = select(
            User.person,
            User.external_id,
            User.created_at,
            User.profile_sealed,
            User.phone_sealed,
        ).where(User.public_id == public_id)
        row = self._current_session().execute(own).first()
        if row is None:
            raise UserGone
        phone = self._open(public_id, "phone_sealed", row.phone_sealed)
        return OwnProfile(
            person=row.person,
            external_id=row.external_id,
            created_at=row.created_at,
            profile=_shown(self._profile(public_id, row.profile_sealed)),
            phone=json.loads(phone) if phone else None,
        )

    def change(
        self, public_id: str, nickname: str | None, avatar_url: str | None, *, unchecked: bool
    ) -> Profile:
        """Store a nickname, an avatar or both, and leave what is None; return the whole profile.

        `unchecked` says that WeChat could not check the nickname. UserGone if the user was erased.
        """
        self._outbox.refresh()
        given = {"nickName": nickname, "avatarUrl": avatar_url}
        session = self._current_session()
        before = self._lock(session, public_id).profile
        after = {**before, **{name: text for name, text in given.items() if text is not None}}
        columns = {} if nickname is None else {"nickname_unchecked": unchecked}
        self._write(session, public_id, before, after, columns)
        session.commit()
        return _shown(after)

    def unchecked_nickname(self, public_id: str) -> str | None:
        """Return the nickname that is still to be checked, None if there is none."""
        columns = User.profile_sealed, User.nickname_unchecked
        own = select(*columns).where(User.public_id == public_id)
        with self._sql.connect() as connection:
            row = connection.execute(own).first()
        if row is None or not row.nickname_unchecked:
            return None
        return _shown(self._profile(public_id, row.profile_sealed)).nickname

    def settle(self, public_id: str, nickname: str, *, risky: bool) -> None:
        """Note that a nickname was checked and, if it is risky, delete it.

        This does nothing if the user has another one meanwhile, or was erased.
        """
        self._outbox.refresh()
        with self._sql.begin() as connection:
            try:
                before, is_unchecked = self._lock(connection, public_id)
            except UserGone:
                return
            if not is_unchecked or _shown(before).nickname != nickname:
                return
            kept = {name: value for name, value in before.items() if name != "nickName"}
            after = kept if risky else before
            self._write(connection, public_id, before, after, {"nickname_unchecked": False})

    def _lock(self, sql: Transaction, public_id: str) -> _Locked:
        """Lock the user's row and return the profile; UserGone if there is no such user."""
        own = User.public_id == public_id
        lock_rows(sql, User, own)
        row = sql.execute(select(User.profile_sealed, User.nickname_unchecked).where(own)).first()
        if row is None:
            raise UserGone
        profile = self._profile(public_id, row.profile_sealed)
        return _Locked(profile, bool(row.nickname_unchecked))

    def _write(
        self,
        sql: Transaction,
        public_id: str,
        before: Stored,
        after: Stored,
        columns: dict[str, Any],
    ) -> None:
        """Write columns and the profile, and tell of it if it is another one."""
        own = User.public_id == public_id
        if after != before:
            clear = json.dumps(after, ensure_ascii=False)
            sealed = self._vault.seal(clear, aad("profile_sealed", public_id)) if after else None
            columns = {**columns, "profile_sealed": sealed}
            if about := about_user(sql, public_id):
                self._outbox.add(sql, EventType.USER_PROFILE_CHANGED, about)
        if columns:
            sql.execute(update(User).where(own).values(**columns))

    def _profile(self, public_id: str, sealed: str | None) -> Stored:
        clear = self._open(public_id, "profile_sealed", sealed)
        profile: Stored = json.loads(clear) if clear else {}
        return profile

    def _open(self, public_id: str, column: str, sealed: str | None) -> str | None:
        return self._vault.open_or_none(sealed, aad(column, public_id)) if sealed else None


class _Locked(NamedTuple):
    profile: Stored
    is_unchecked: bool


def _shown(profile: Stored) -> Profile:
    """Return nickname and avatar of a stored profile; WeChat leaves some empty."""
    nickname, avatar_url = profile.get("nickName"), profile.get("avatarUrl")
    return Profile(
        nickname if isinstance(nickname, str) and nickname else None,
        avatar_url if isinstance(avatar_url, str) and avatar_url else None,
    )
