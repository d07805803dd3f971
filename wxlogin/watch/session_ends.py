"""The table of how sessions ended: taken without waiting, written in batches in the background.

A session ends once: of two that tell of its end, the first is kept. Who is erased meanwhile leaves
nothing: a row belongs to a user.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Insert, Table, select
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError

from wxlogin.models import LoginRecord, SessionEnd, User
from wxlogin.sessions.causes import Cause

BATCH = 200
MAX_PENDING = 100_000
"""Ends that wait while the database is out; those over that read as expired later."""
ATTEMPTS = 4
"""Each but the first follows the erasure of a user of the same batch."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of one session; `at` is in Unix seconds."""

    user: str
    session: str
    at: float
    cause: Cause
    request_id: str


class SessionEnds:
    """Collects the ends of sessions and writes them."""

    def __init__(self, sql: Engine) -> None:
        self._sql = sql
        self._insert = _insert(sql.dialect.name)
        self.reset()

    @property
    def has_pending(self) -> bool:
        """Whether some wait to be written."""
        return bool(self._pending)

    def reset(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._pending: list[Ended] = []
        self._database_failed = False

    def add(self, ended: Sequence[Ended]) -> None:
        """Take sessions that ended; this never waits for a store."""
        with self._lock:
            self._pending += ended[: MAX_PENDING - len(self._pending)]

    def flush(self) -> None:
        """Write what waits; if the database fails, it goes on waiting."""
        with self._writing:
            while batch := self._pending[:BATCH]:
                try:
                    self._store(batch)
                except DataError as fault:
                    logger.error("ends of sessions are lost: %s", _cause(fault))  # noqa: TRY400
                except SQLAlchemyError as fault:
                    self._log_first(fault)
                    return
                self._database_failed = False
                with self._lock:
                    del self._pending[: len(batch)]

    def _log_first(self, fault: SQLAlchemyError) -> None:
        if not self._database_failed:
            logger.warning("ends of sessions wait for the database: %s", _cause(fault))
        self._database_failed = True

    def _store(self, batch: Sequence[Ended]) -> None:
        for _ in range(ATTEMPTS):
            # The foreign key refuses the row of a user who was erased since they were read.
            with suppress(IntegrityError), self._sql.begin() as connection:
                if rows := _rows(connection, batch):
                    connection.execute(self._insert, rows)
                return
        raise OperationalError("ends of sessions", {}, Exception("users are erased each time"))


def _cause(fault: SQLAlchemyError) -> str:
    return str(fault).partition("\n")[0]


def _rows(connection: Connection, batch: Sequence[Ended]) -> list[dict[str, Any]]:
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


def _row(one: Ended, user_id: int) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "session_id": one.session,
        "at": datetime.fromtimestamp(one.at, UTC),
        "why": one.cause.why,
        "by": one.cause.by,
        "reason": one.cause.reason,
        "request_id": one.request_id,
    }


def _insert(dialect: str) -> Insert:
    """Return the statement that inserts rows, and leaves those of sessions that have one."""
    table = SessionEnd.__table__
    assert isinstance(table, Table)
    if dialect in ("mysql", "mariadb"):
        into = mysql.insert(table)
        return into.on_duplicate_key_update(session_id=into.inserted.session_id)
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing(index_elements=["session_id"])
