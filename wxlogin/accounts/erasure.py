"""Erasure: all that is held of a person in one mini-program goes, and no login under way stays."""

from __future__ import annotations

from typing import get_args

from sqlalchemy import String, cast, delete, literal, select, update

from wxlogin import errors
from wxlogin.errors import ApiError
from wxlogin.extensions import db
from wxlogin.guard.limits import RateLimits, UserLimit
from wxlogin.models import Alert, LoginRecord, SecurityEvent, User
from wxlogin.sessions import SessionStore, keys


class Erasure:
    """Erases users. What was interrupted is repeated as a whole: the user's row goes last."""

    def __init__(self, sessions: SessionStore, limits: RateLimits) -> None:
        self._sessions = sessions
        self._limits = limits

    def erase(self, public_id: str) -> int:
        """Erase a user; give back how many sessions that ended.

        Redis first: a login that has read the user makes no session, keeps no session_key, and is
        told to log in again, which makes a fresh user. NOT_FOUND if there is no such user.
        """
        row_id = db.session.scalar(select(User.id).where(User.public_id == public_id))
        db.session.commit()
        if row_id is None:
            raise ApiError(errors.NOT_FOUND, "There is no user of this id.")
        counters = [one.key for one in self._limits.of_user(get_args(UserLimit), public_id)]
        along = [keys.session_key(public_id), *counters]
        ended = self._sessions.block(public_id, "erased", also=along)
        _forget(row_id, public_id)
        return ended


def _forget(row_id: int, public_id: str) -> None:
    """Remove the user's rows; what was seen of them stays, without saying of whom."""
    run = db.session.execute
    # The row's lock first: a login that is writing its record is waited for, and one that comes
    # later finds no user (users.py).
    run(update(User).where(User.id == row_id).values(ban_reason=None))
    run(delete(LoginRecord).where(LoginRecord.user_id == row_id))
    run(delete(Alert).where(Alert.subject == public_id))
    nobody = literal("erased:") + cast(SecurityEvent.id, String)
    mine = update(SecurityEvent).where(SecurityEvent.user == public_id)
    blank = {"address": "", "request_id": "", "detail": "{}", "user": None}
    run(mine.where(SecurityEvent.subject == public_id).values(subject=nobody, **blank))
    run(mine.values(user=None))  # what folds by an address says nothing more of the user
    run(delete(User).where(User.id == row_id))
    db.session.commit()
