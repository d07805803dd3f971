"""Users in SQL: found or made by the blind index of the openid."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple, cast

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from wxlogin.accounts.apps import MiniProgram
from wxlogin.clock import Clock
from wxlogin.extensions import db
from wxlogin.models import LoginRecord, User
from wxlogin.sessions import Draft
from wxlogin.sessions.tokens import random_tag
from wxlogin.vault import BlindIndex, Indexed, Vault


class Found(NamedTuple):
    """A user's row id and public id, and whether this login is the user's first."""

    id: int
    public_id: str
    is_new: bool


class Users:
    """The users of all mini-programs."""

    def __init__(self, vault: Vault, index: BlindIndex, clock: Clock) -> None:
        self._vault = vault
        self._index = index
        self._clock = clock

    def find_or_make(self, app: MiniProgram, openid: str) -> Found:
        """The user of this openid; two first logins at once make one user."""
        indexed = self._index.of(openid, _purpose(app))
        return (
            self._find(app, indexed)
            or self._make(app, openid, indexed[0])
            or cast("Found", self._find(app, indexed))
        )

    def find(self, app: MiniProgram, openid: str) -> Found | None:
        """The user of this openid, if there is one."""
        return self._find(app, self._index.of(openid, _purpose(app)))

    def record_login(self, found: Found, session_id: str, draft: Draft) -> None:
        """Write down a login that is about to get its session."""
        now = self._now()
        db.session.add(
            LoginRecord(
                user_id=found.id,
                session_id=session_id,
                at=now,
                ip=draft.ip,
                platform=draft.platform,
                device_name=draft.name,
            )
        )
        db.session.execute(update(User).where(User.id == found.id).values(last_login_at=now))
        db.session.commit()

    def _find(self, app: MiniProgram, indexed: list[Indexed]) -> Found | None:
        row = db.session.execute(
            select(User.id, User.public_id).where(
                User.app_id == app.id, User.openid_index.in_([one.digest for one in indexed])
            )
        ).first()
        return Found(row.id, row.public_id, is_new=False) if row else None

    def _make(self, app: MiniProgram, openid: str, indexed: Indexed) -> Found | None:
        """The user just made, or None if a login at the same time was first."""
        public_id, now = random_tag(), self._now()
        user = User(
            public_id=public_id,
            app_id=app.id,
            openid_sealed=self._vault.seal(openid, f"user.openid_sealed:{public_id}"),
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

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _purpose(app: MiniProgram) -> str:
    return f"openid:{app.appid}"
