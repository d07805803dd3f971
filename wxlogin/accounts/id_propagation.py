"""Propagates the ids of users into their live sessions: person, and the team's own id.

What SQL has committed is written to Redis at once. If Redis is out by then it is written later, in
the background, from memory; a worker that is killed before leaves it to the user's next login. So
are the ids of sessions that a version without them made: their first request asks for them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence
from itertools import islice

from redis.exceptions import RedisError
from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.exc import SQLAlchemyError

from wxlogin.background_task import BackgroundTask
from wxlogin.models import User
from wxlogin.sessions.ids import Ids, IdsWriter
from wxlogin.sessions.tokens import new_public_id

BATCH = 200
FLUSH_SECONDS = 0.1
RETRY_SECONDS = 1.0
MAX_PENDING = 10_000

logger = logging.getLogger(__name__)


class IdPropagation:
    """Writes users' ids from SQL into their live sessions."""

    def __init__(self, sql: Engine, writer: IdsWriter) -> None:
        self._sql = sql
        self._writer = writer
        self._task = BackgroundTask("id-propagation", self._run)
        self._pending: dict[str, None] = {}
        self._lock = threading.Lock()

    def propagate(self, users: Sequence[str]) -> None:
        """Write the ids of these users now, or in the background if Redis is out."""
        try:
            self._write(users)
        except RedisError as fault:
            logger.warning("ids wait for Redis: %s", type(fault).__name__)
            self._add(users, RETRY_SECONDS)

    def add(self, user: str) -> None:
        """Write the ids of a user soon. This never waits."""
        self._add([user], FLUSH_SECONDS)

    def flush(self) -> None:
        """Write what waits; it goes on waiting if a store fails."""
        while users := self._next():
            self._write(users)
            with self._lock:
                for user in users:
                    self._pending.pop(user, None)

    def stop(self) -> None:
        """Write nothing further in the background."""
        self._task.stop()

    def _add(self, users: Iterable[str], delay: float) -> None:
        with self._lock:
            room = MAX_PENDING - len(self._pending)
            self._pending |= dict.fromkeys(list(users)[: max(room, 0)])
        self._task.schedule(delay)

    def _next(self) -> list[str]:
        with self._lock:
            return list(islice(self._pending, BATCH))

    def _run(self) -> None:
        try:
            self.flush()
        except (RedisError, SQLAlchemyError) as fault:
            logger.warning("ids of sessions wait for a store: %s", type(fault).__name__)
            self._task.schedule(RETRY_SECONDS)

    def _write(self, users: Sequence[str]) -> None:
        with self._sql.begin() as connection:
            found = self._read(connection, users)
            for user in [user for user, ids in found.items() if not ids.person]:
                # An older version created this user. Nobody else may have filled it meanwhile.
                empty = User.public_id == user, User.person.is_(None)
                connection.execute(update(User).where(*empty).values(person=new_public_id()))
                found |= self._read(connection, [user])
        self._writer.write(found)

    def _read(self, connection: Connection, users: Sequence[str]) -> dict[str, Ids]:
        columns = User.public_id, User.person, User.external_id, User.ids_version
        rows = connection.execute(select(*columns).where(User.public_id.in_(users)))
        return {
            row.public_id: Ids(row.person or "", row.external_id or "", row.ids_version or 0)
            for row in rows
        }
