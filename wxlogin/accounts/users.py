"""Users in SQL: found or made by the blind index of the openid."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.exc import IntegrityError

from wxlogin import errors
from wxlogin.accounts.apps import MiniProgram
from wxlogin.accounts.bans import Ban, ban_of
from wxlogin.clock import Clock
from wxlogin.errors import ApiError
from wxlogin.extensions import db
from wxlogin.models import LoginRecord, User
from wxlogin.sessions import Draft, refusals
from wxlogin.sessions.tokens import random_tag
from wxlogin.vault import BlindIndex, Indexed, Vault


class Found(NamedTuple):
    """A user's row id and public id, whether this login is the first, and the ban that holds."""

    id: int
    public_id: str
    is_new: bool
    ban: Ban | None = None


class Users:
    """The users of all mini-programs."""

    def __init__(self, vault: Vault, index: BlindIndex, clock: Clock) -> None:
        self._vault = vault
        self._index = index
        self._clock = clock

    def find_or_make(self, app: MiniProgram, openid: str) -> Found:
        """The user of this openid; two first logins at once make one user."""
        found = self.find(app, openid) or self._made(app, openid) or self.find(app, openid)
        assert found is not None
        return found

    def find(self, app: MiniProgram, openid: str) -> Found | None:
        """The user of this openid, if there is one."""
        digests = [indexed.digest for indexed in self._indexed(app, openid)]
        row = db.session.execute(
            select(User.id, User.public_id, User.ban_reason, User.banned_until).where(
                User.app_id == app.id, User.openid_index.in_(digests)
            )
        ).first()
        if row is None:
            return None
        ban = ban_of(row.ban_reason, row.banned_until, self._now())
        return Found(row.id, row.public_id, is_new=False, ban=ban)

    def openid(self, public_id: str) -> str:
        """The user's openid; SESSION_EXPIRED if the user is gone."""
        sealed = db.session.scalar(select(User.openid_sealed).where(User.public_id == public_id))
        db.session.commit()  # gives the connection back: the caller is about to ask WeChat
        if sealed is None:
            raise ApiError(errors.SESSION_EXPIRED)
        return self._vault.open(sealed, place("openid_sealed", public_id))

    def record_login(
        self, found: Found, session_id: str, draft: Draft, unionid: str | None
    ) -> None:
        """Write down a login that is about to get its session, and the unionid if WeChat told it.

        WeChat tells it once the app is bound to an Open Platform account: it may come later.
        SESSION_EXPIRED if the user was erased since they were found.
        """
        now = self._now()
        columns = {"last_login_at": now, **self._linked(found.public_id, unionid)}
        # The user's row first: the record's foreign key shares a lock on it, and of two logins that
        # share it neither could go on to write (InnoDB).
        row = update(User).where(User.id == found.id).values(**columns)
        if not cast("CursorResult[Any]", db.session.execute(row)).rowcount:
            db.session.rollback()
            raise refusals.erased()
        db.session.add(
            LoginRecord(
                user_id=found.id,
                session_id=session_id,
                at=now,
                ip=draft.ip,
                platform=draft.platform,
                device_name=draft.name,
                region=draft.region or None,
            )
        )
        db.session.commit()

    def link(self, public_id: str, unionid: str | None) -> None:
        """Link the user to the person, if WeChat told the unionid."""
        if unionid:
            self._update(public_id, **self._linked(public_id, unionid))

    def forget_login(self, session_id: str) -> None:
        """Take a login back that got no session after all."""
        db.session.execute(delete(LoginRecord).where(LoginRecord.session_id == session_id))
        db.session.commit()

    def keep_profile(self, public_id: str, profile: dict[str, Any]) -> None:
        """Keep the user's profile, sealed."""
        clear = json.dumps(profile, ensure_ascii=False)
        sealed = self._vault.seal(clear, place("profile_sealed", public_id))
        self._update(public_id, profile_sealed=sealed)

    def keep_phone(self, public_id: str, phone: dict[str, str]) -> None:
        """Keep the user's phone number, sealed and with a blind index over all apps."""
        clear = json.dumps(phone, ensure_ascii=False)
        number = f"+{phone['countryCode']}{phone['purePhoneNumber']}"
        self._update(
            public_id,
            phone_sealed=self._vault.seal(clear, place("phone_sealed", public_id)),
            phone_index=self._index.of(number, "phone")[0].digest,
        )

    def _linked(self, public_id: str, unionid: str | None) -> dict[str, str]:
        """The columns that link the users of one person in several apps."""
        if unionid is None:
            return {}
        return {
            "unionid_sealed": self._vault.seal(unionid, place("unionid_sealed", public_id)),
            "unionid_index": self._index.of(unionid, "unionid")[0].digest,
        }

    def _made(self, app: MiniProgram, openid: str) -> Found | None:
        """The user just made, or None if a login at the same time was first."""
        public_id, now, indexed = random_tag(), self._now(), self._indexed(app, openid)[0]
        user = User(
            public_id=public_id,
            app_id=app.id,
            openid_sealed=self._vault.seal(openid, place("openid_sealed", public_id)),
            openid_index=indexed.digest,
            index_key=indexed.key_id,
            created_at=now,
            last_login_at=now,
        )
        db.session.add(user)
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            return None
        return Found(user.id, public_id, is_new=True)

    def _update(self, public_id: str, **columns: Any) -> None:
        db.session.execute(update(User).where(User.public_id == public_id).values(**columns))
        db.session.commit()

    def _indexed(self, app: MiniProgram, openid: str) -> list[Indexed]:
        return self._index.of(openid, f"openid:{app.appid}")

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def place(column: str, public_id: str) -> str:
    """Where a sealed column of a user stands: what its seal is bound to."""
    return f"user.{column}:{public_id}"
