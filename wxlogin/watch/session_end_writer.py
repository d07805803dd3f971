"""Writes how sessions ended: takes it without waiting, writes in batches in the background.

A session ends once: of two that tell of its end, the first is kept. What a sign-out tells is
written in the same transaction. Who is erased meanwhile leaves nothing: a row belongs to a user.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError

from wxlogin.database import insert_new
from wxlogin.models import LoginRecord, SessionEnd, User
from wxlogin.outbox import EventType, Outbox
from wxlogin.outbox.sign_outs import tell_sign_outs
from wxlogin.sessions.end_notes import EndedSession, EndNotes

BATCH = 200
MAX_PENDING = 100_000
"""Ends that wait in memory while the database is out; Redis has notes of all of them."""
ATTEMPTS = 4
"""Each but the first follows the erasure of a user of the same batch."""

logger = logging.getLogger(__name__)


class SessionEndWriter:
    """Collects the ends of sessions and writes them."""

    def __init__(self, sql: Engine, outbox: Outbox, notes: EndNotes) -> None:
        """Hold nothing yet. `notes` are what Redis holds of ends until they are written."""
        self._sql = sql
        self._outbox = outbox
        self._notes = notes
        self._insert = insert_new(sql.dialect.name, SessionEnd, "session_id")
        self.reset()

    @property
    def has_pending(self) -> bool:
        """Whether some wait to be written, or notes of written ones to be removed."""
        return bool(self._pending or self._written)

    @property
    def database_failed(self) -> bool:
        """Whether the last ends that were to be written could not be."""
        return self._database_failed

    def reset(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._pending: list[EndedSession] = []
        self._written: list[EndedSession] = []
        self._database_failed = False

    def add(self, ended: Sequence[EndedSession]) -> None:
        """Take sessions that ended; this never waits for a store."""
        with self._lock:
            self._pending += ended[: MAX_PENDING - len(self._pending)]

    def write(self, ended: Sequence[EndedSession]) -> None:
        """Write ends at once if somebody is told of them, so that what the users do next follows.

        Else, and where the database fails, they wait.
        """
        self._outbox.refresh()
        if self._database_failed or self._outbox.is_surely_unwanted(EventType.USER_LOGGED_OUT):
            self.add(ended)
        elif self._stored(ended):
            with self._lock:
                self._written += ended
        else:
            self.add(ended)

    def flush(self) -> None:
        """Write what waits; if the database fails, it goes on waiting."""
        with self._writing:
            while batch := self._pending[:BATCH]:
                if not self._stored(batch):
                    break
                with self._lock:
                    del self._pending[: len(batch)]
                    self._written += batch
            with self._lock:
                written, self._written = self._written, []
            for start in range(0, len(written), BATCH):
                self._forget(written[start : start + BATCH])

    def write_noted(self, ended: Sequence[EndedSession]) -> bool:
        """Write ends of which Redis has notes; their worker may have died, or does it just now.

        Return whether they are written and their notes are gone.
        """
        batches = (ended[start : start + BATCH] for start in range(0, len(ended), BATCH))
        return all(self._stored(batch) and self._forget(batch) for batch in batches)

    def _forget(self, written: Sequence[EndedSession]) -> bool:
        try:
            self._notes.forget(written)
        except RedisError:  # they are read again as what a worker left
            return False
        return True

    def _stored(self, batch: Sequence[EndedSession]) -> bool:
        """Write a batch; return whether that is done, or never will be."""
        try:
            self._store(batch)
        except DataError as fault:
            if len(batch) > 1:
                return all(self._stored([one]) for one in batch)
            logger.error("the end of a session is lost: %s", _cause(fault))  # noqa: TRY400
        except SQLAlchemyError as fault:
            if not self._database_failed:
                logger.warning("ends of sessions wait for the database: %s", _cause(fault))
            self._database_failed = True
            return False
        self._database_failed = False
        return True

    def _store(self, batch: Sequence[EndedSession]) -> None:
        self._outbox.refresh()
        for _ in range(ATTEMPTS):
            # The foreign key refuses the row of a user who was erased since they were read.
            with suppress(IntegrityError), self._sql.begin() as connection:
                signed_out = [one for one in batch if one.cause.is_sign_out]
                told = _known(connection, signed_out) if signed_out else set()
                if rows := _rows(connection, batch):
                    connection.execute(self._insert, rows)
                untold = [one for one in signed_out if one.session not in told]
                tell_sign_outs(connection, self._outbox, untold)
                return
        raise OperationalError("ends of sessions", {}, Exception("users are erased each time"))


def _cause(fault: SQLAlchemyError) -> str:
    return str(fault).partition("\n")[0]


def _rows(connection: Connection, batch: Sequence[EndedSession]) -> list[dict[str, Any]]:
    """Return the rows of a batch, in an order that is the same in every worker.

    A login names the user, who may have been joined with another since; its record may be purged.
    """
    logins = select(LoginRecord.session_id, LoginRecord.user_id)
    of_session = dict(
        connection.execute(
            logins.where(LoginRecord.session_id.in_({one.session for one in batch}))
        ).all()
    )
    others = {one.user for one in batch if one.session not in of_session}
    users = select(User.public_id, User.id).where(User.public_id.in_(others))
    of_user = dict(connection.execute(users).all()) if others else {}
    found = [
        _row(one, row_id)
        for one in batch
        if (row_id := of_session.get(one.session) or of_user.get(one.user))
    ]
    return sorted(found, key=lambda row: (row["user_id"], row["session_id"]))


def _known(connection: Connection, batch: Sequence[EndedSession]) -> set[str]:
    """Return the sessions whose end is written; it was told in the same transaction."""
    sessions = select(SessionEnd.session_id)
    return set(
        connection.scalars(sessions.where(SessionEnd.session_id.in_({o.session for o in batch})))
    )


def _row(one: EndedSession, user_id: int) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "session_id": one.session,
        "at": datetime.fromtimestamp(one.at / 1000, UTC),
        "why": one.cause.why,
        "by": one.cause.by,
        "reason": one.cause.reason,
        "request_id": one.ending.request_id,
    }
