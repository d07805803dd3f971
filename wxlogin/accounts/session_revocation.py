"""Revokes all sessions of a user for good: SQL keeps the time before which they are void.

An older copy of Redis has these sessions again; reconciliation.py ends them there.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import update
from sqlalchemy.orm import Session

from wxlogin.accounts.update_expressions import UNSYNCHRONIZED, latest
from wxlogin.clock import Clock, milliseconds
from wxlogin.models import User
from wxlogin.sessions import SessionStore
from wxlogin.sessions.causes import SIGNED_OUT, Cause


class SessionRevocation:
    """Revokes all sessions of users, who may sign in again."""

    def __init__(
        self, current_session: Callable[[], Session], sessions: SessionStore, clock: Clock
    ) -> None:
        self._current_session = current_session
        self._sessions = sessions
        self._clock = clock

    def revoke_all(self, public_id: str, sid: str = "", cause: Cause = SIGNED_OUT) -> int:
        """End all sessions of a user, the record of `sid` in any case; return how many ended."""
        session, own = self._current_session(), User.public_id == public_id
        void = {"void_before": latest(User.void_before, milliseconds(self._clock))}
        session.execute(update(User).where(own).values(void), execution_options=UNSYNCHRONIZED)
        session.commit()
        return self._sessions.end(public_id, "all", sid, cause)
