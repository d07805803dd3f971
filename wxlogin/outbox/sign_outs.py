"""Tells of sessions that were signed out: written before the sign-out is answered.

Redis ended the session by then. While the database is out, up to 10,000 sign-outs wait in memory.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from wxlogin.background_task import BackgroundTask
from wxlogin.database import lock_rows
from wxlogin.models import User
from wxlogin.outbox.event_types import EventType
from wxlogin.outbox.outbox import Outbox
from wxlogin.outbox.subjects import about_users

RETRY_SECONDS = 1.0
MAX_PENDING = 10_000

Ended = tuple[str, str]
"""A user's public id, and the id of the session."""

logger = logging.getLogger(__name__)


class SignOuts:
    """Collects ended sessions and writes an event for each; a forked child starts empty."""

    def __init__(self, sql: Engine, outbox: Outbox) -> None:
        self._sql = sql
        self._outbox = outbox
        self._writer = BackgroundTask("sign-outs", self._write)
        self._stops_at_exit = False
        self._reset()

    def add(self, user: str, sessions: Sequence[str]) -> None:
        """Tell that these sessions of a user were signed out.

        The event is written now, so that a worker that dies loses none of those it answered; while
        the database is out it waits in memory.
        """
        if not sessions or self._outbox.is_surely_unwanted(EventType.USER_LOGGED_OUT):
            return
        if self._process != os.getpid():
            self._reset()
        with self._lock:
            room = MAX_PENDING - len(self._pending)
            self._pending += [(user, sid) for sid in sessions][:room]
            if not self._stops_at_exit:
                self._stops_at_exit = True
                atexit.register(self.stop)
        if self._failed:
            self._writer.schedule(RETRY_SECONDS)
        else:
            self._write()

    def flush(self) -> None:
        """Write what waits; it goes on waiting if the database fails."""
        with self._writing:
            with self._lock:
                pending = self._pending[:]
            if pending:
                self._store(pending)
            with self._lock:
                del self._pending[: len(pending)]

    def stop(self) -> None:
        """Write what waits before the process ends."""
        if self._process == os.getpid():
            atexit.unregister(self.stop)
            self._writer.stop()
            self._write()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._pending: list[Ended] = []
        self._stops_at_exit = False
        self._failed = False

    def _write(self) -> None:
        try:
            self.flush()
            self._failed = False
        except SQLAlchemyError as fault:
            self._failed = True
            logger.warning("sign-outs wait for the database: %s", type(fault).__name__)
            self._writer.schedule(RETRY_SECONDS)

    def _store(self, pending: Sequence[Ended]) -> None:
        """Write all or none; of a user who was erased meanwhile nothing is told."""
        self._outbox.refresh()
        with self._sql.begin() as connection:
            if not self._outbox.is_wanted(connection, EventType.USER_LOGGED_OUT):
                return
            users = {user for user, _ in pending}
            lock_rows(connection, User, User.public_id.in_(users))
            abouts = about_users(connection, users)
            for user, sid in pending:
                if about := abouts.get(user):
                    self._outbox.add(connection, EventType.USER_LOGGED_OUT, about, {"session": sid})
