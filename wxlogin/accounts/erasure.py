"""Erasure: deletes all data of a user, and stops any login in progress."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import get_args

from sqlalchemy import Connection, String, cast, delete, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wxlogin.accounts.errors import UserNotFound
from wxlogin.clock import Clock, utc_now
from wxlogin.limits.rate_limits import RateLimits, UserLimit
from wxlogin.models import Alert, ErasedUser, LoginRecord, SecurityEvent, SessionEnd, User
from wxlogin.outbox import EventType, Outbox
from wxlogin.outbox.subjects import about_user
from wxlogin.redisdb import keys
from wxlogin.sessions import SessionStore
from wxlogin.sessions.end_notes import EndNotes


class Erasure:
    """Erases users. An interrupted erasure can be repeated: the user's row is deleted last."""

    def __init__(
        self,
        current_session: Callable[[], Session],
        sessions: SessionStore,
        limits: RateLimits,
        clock: Clock,
        outbox: Outbox,
        notes: EndNotes,
    ) -> None:
        self._current_session = current_session
        self._sessions = sessions
        self._limits = limits
        self._clock = clock
        self._outbox = outbox
        self._notes = notes

    def erase(self, public_id: str) -> int:
        """Erase a user; return how many sessions this ended. UserNotFound if there is none.

        SQL notes the erasure first, since Redis may be restored from an older copy. Then Redis: a
        login that has read the user creates no session and stores no session_key; its client has
        to log in again, which creates a new user.
        """
        session = self._current_session()
        row_id = session.scalar(select(User.id).where(User.public_id == public_id))
        about = about_user(session, public_id)
        session.commit()
        if row_id is None or about is None:
            raise UserNotFound
        note_erased(session, public_id, utc_now(self._clock))
        counters = [one.key for one in self._limits.windows(public_id, *get_args(UserLimit))]
        along = [keys.ended_by_login(public_id), *counters]
        ended = self._sessions.block(public_id, "erased", extra_keys=along)
        self._notes.erase(public_id)
        self._outbox.refresh()
        _delete_rows(session, row_id, public_id)
        # Nothing that was told of the user before stays, told or not.
        self._outbox.forget(session, public_id)
        self._outbox.add(session, EventType.USER_ERASED, about)
        session.commit()
        return ended


def note_erased(session: Session, public_id: str, now: datetime) -> None:
    """Keep in SQL that a user is gone for good, whatever a copy of Redis says; commits."""
    session.add(ErasedUser(public_id=public_id, at=now))
    try:
        session.commit()
    except IntegrityError:  # an erasure that broke off noted it
        session.rollback()


def _delete_rows(session: Session, row_id: int, public_id: str) -> None:
    """Delete the user's rows; security events stay, without any reference to the user."""
    run = session.execute
    # Take the row's lock first: this waits for a login that is writing its record, and a later
    # login finds no user (users.py).
    run(update(User).where(User.id == row_id).values(ban_reason=None))
    run(delete(LoginRecord).where(LoginRecord.user_id == row_id))
    run(delete(SessionEnd).where(SessionEnd.user_id == row_id))
    run(delete(Alert).where(Alert.subject == public_id))
    forget_in_events(session, public_id)
    run(delete(User).where(User.id == row_id))


def forget_in_events(sql: Session | Connection, public_id: str) -> None:
    """Take a user out of the security events, which stay, in the caller's transaction."""
    run = sql.execute
    anonymous = literal("erased:") + cast(SecurityEvent.id, String)
    mine = update(SecurityEvent).where(SecurityEvent.user == public_id)
    blank = {"address": "", "request_id": "", "detail": "{}", "user": None}
    run(mine.where(SecurityEvent.subject == public_id).values(subject=anonymous, **blank))
    run(mine.values(user=None))  # events grouped by address say nothing else of the user
