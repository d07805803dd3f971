"""Bans: in SQL for as long as they last, and at once in Redis, where the sessions are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, update

from wxlogin import errors
from wxlogin.errors import ApiError
from wxlogin.extensions import db
from wxlogin.models import User
from wxlogin.sessions import SessionStore, refusals


@dataclass(frozen=True)
class Ban:
    """Why a user may not sign in, and until when; None is for ever."""

    reason: str
    until: datetime | None

    @property
    def until_ms(self) -> int:
        """Its end as the session store takes it: in Unix ms, 0 for none."""
        return int(self.until.timestamp()) * 1000 if self.until else 0

    @property
    def refusal(self) -> ApiError:
        """USER_BANNED, with `until`."""
        return refusals.banned(self.until_ms)


def ban_of(reason: str | None, until: datetime | None, now: datetime) -> Ban | None:
    """The ban that a user's columns say holds."""
    return Ban(reason, until) if reason is not None and (until is None or now < until) else None


class Bans:
    """Bans users and lifts bans. SQL first: from then on no login finds the user unbanned."""

    def __init__(self, sessions: SessionStore) -> None:
        self._sessions = sessions

    def impose(self, public_id: str, ban: Ban) -> int:
        """Ban a user, in place of any ban before; give back how many sessions that ended.

        It may be repeated. NOT_FOUND if there is no such user.
        """
        _write(public_id, ban.reason, ban.until)
        return self._sessions.block(public_id, "banned", ban.until_ms)

    def lift(self, public_id: str) -> None:
        """Let a user sign in again; no ban is no fault. NOT_FOUND if there is no such user."""
        _write(public_id, None, None)
        self._sessions.lift(public_id, "banned")


def _write(public_id: str, reason: str | None, until: datetime | None) -> None:
    row = update(User).where(User.public_id == public_id)
    written = db.session.execute(row.values(ban_reason=reason, banned_until=until))
    db.session.commit()
    if not cast("CursorResult[Any]", written).rowcount:
        raise ApiError(errors.NOT_FOUND, "There is no user of this id.")
