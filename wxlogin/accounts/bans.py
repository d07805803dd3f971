"""Bans: stored in SQL, and applied at once in Redis, where the sessions are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from wxlogin.accounts.errors import UserNotFound
from wxlogin.accounts.update_expressions import UNSYNCHRONIZED, latest, next_version
from wxlogin.clock import Clock, iso_time, milliseconds
from wxlogin.database import lock_rows
from wxlogin.models import User
from wxlogin.outbox import About, EventType, Outbox
from wxlogin.outbox.subjects import about_user
from wxlogin.sessions import SessionStore
from wxlogin.sessions.causes import Cause
from wxlogin.sessions.errors import UserBanned
from wxlogin.sessions.store import Change


@dataclass(frozen=True)
class Ban:
    """Why a user may not sign in, and until when; None means for ever."""

    reason: str
    until: datetime | None

    @property
    def until_ms(self) -> int:
        """The end in Unix ms, as the session store takes it; 0 for a ban without an end."""
        return int(self.until.timestamp()) * 1000 if self.until else 0

    @property
    def refusal(self) -> Exception:
        """The error of the banned user's login, with `until`."""
        return UserBanned(self.until_ms)


def ban_of(reason: str | None, until: datetime | None, now: datetime) -> Ban | None:
    """Return the ban in force by a user's columns, or None."""
    return Ban(reason, until) if reason is not None and (until is None or now < until) else None


class Bans:
    """Bans users and lifts bans. SQL first, so that no later login finds the user unbanned.

    SQL gives each change a version: of two that reach Redis in another order the later one wins.
    """

    def __init__(
        self,
        current_session: Callable[[], Session],
        sessions: SessionStore,
        clock: Clock,
        outbox: Outbox,
    ) -> None:
        self._current_session = current_session
        self._sessions = sessions
        self._clock = clock
        self._outbox = outbox

    def impose(self, public_id: str, ban: Ban, by: str = "") -> int:
        """Ban a user, replacing an earlier ban; return how many sessions this ended.

        `by` is who bans, as the audit trail names them. It may be repeated. UserNotFound if there
        is no such user.
        """
        void_before = latest(User.void_before, milliseconds(self._clock))
        change = self._write(public_id, ban.reason, ban.until, void_before=void_before)
        cause = Cause("banned", by, ban.reason)
        return self._sessions.block(public_id, "banned", ban.until_ms, change, cause=cause)

    def lift(self, public_id: str) -> None:
        """Let a user sign in again, banned or not. UserNotFound if there is no such user."""
        change = self._write(public_id, None, None)
        self._sessions.unblock(public_id, "banned", change.version)

    def _write(
        self, public_id: str, reason: str | None, until: datetime | None, **others: Any
    ) -> Change:
        self._outbox.refresh()
        session, own = self._current_session(), User.public_id == public_id
        lock_rows(session, User, own)
        was_banned = session.scalar(select(User.ban_reason).where(own)) is not None
        version = next_version(User.ban_version)
        columns = {"ban_reason": reason, "banned_until": until, "ban_version": version, **others}
        session.execute(update(User).where(own).values(columns), execution_options=UNSYNCHRONIZED)
        # Read under the row's lock: a concurrent erasure has finished by now.
        found = session.execute(select(User.ban_version, User.void_before).where(own)).first()
        about = about_user(session, public_id)
        if about is not None and (reason is not None or was_banned):
            self._tell(session, about, reason, until)
        session.commit()
        if found is None:
            raise UserNotFound
        return Change(found.ban_version or 0, found.void_before or 0)

    def _tell(
        self, session: Session, about: About, reason: str | None, until: datetime | None
    ) -> None:
        if reason is None:
            self._outbox.add(session, EventType.USER_UNBANNED, about)
        else:
            ends = iso_time(until) if until else None
            self._outbox.add(session, EventType.USER_BANNED, about, {"until": ends})
