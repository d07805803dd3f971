"""The check of the keys where the start could not make it, since the database was out.

It is made as soon as the database answers. Until then nothing is read or written under the keys,
and a key that is wrong keeps the database closed to this process.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Literal

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from wxlogin.database import revisions
from wxlogin.database.check_before_use import DatabaseNotReady
from wxlogin.keyring.errors import KeyRefused
from wxlogin.keyring.known_keys import KnownKeys

WAIT_SECONDS = 0.5
"""How long a request waits for the check, which goes on without it."""
PENDING_WAIT_SECONDS = 10.0
"""The same on a database to be migrated: it serves nobody, and whoever migrates it waits."""
AGAIN_SECONDS = 5.0
"""How soon keys that were refused are checked again: somebody may give a lost one up."""

State = Literal["unknown", "checked", "pending", "refused"]

logger = logging.getLogger(__name__)


class LateCheck:
    """Checks the keys in a thread of its own, one run at a time."""

    def __init__(
        self, known: KnownKeys, open_engine: Callable[[], Engine], *, pending: bool = False
    ) -> None:
        """`open_engine` opens an engine without this check. `pending`: see `is_pending`."""
        self._known = known
        self._open_engine = open_engine
        self._state: State = "pending" if pending else "unknown"
        self._reason = "the keys are not checked yet"
        self._thread: threading.Thread | None = None
        self._again_at = 0.0
        self._turn = threading.Lock()

    def require(self) -> None:
        """Wait a moment until the keys are checked; DatabaseNotReady if they are not, or are wrong.

        A database that is not migrated is let through: it has no keys to compare these with.
        """
        if self._state == "checked":
            return
        wait = PENDING_WAIT_SECONDS if self._state == "pending" else WAIT_SECONDS
        run = self._current_run()
        run.join(wait)
        state = self._state
        if run.is_alive() or state not in ("checked", "pending"):
            raise DatabaseNotReady(self._reason, refused=state == "refused")

    def _current_run(self) -> threading.Thread:
        with self._turn:
            # A thread of the process before a fork is not alive.
            if self._thread is None or not (self._thread.is_alive() or self._is_too_soon()):
                self._thread = threading.Thread(target=self._run, name="keys", daemon=True)
                self._thread.start()
            return self._thread

    def _is_too_soon(self) -> bool:
        return self._state == "refused" and time.monotonic() < self._again_at

    def _run(self) -> None:
        sql = self._open_engine()
        try:
            wrong = self._known.check(sql)
        except KeyRefused as refused:
            self._refuse([refused.detail])
        except SQLAlchemyError as fault:
            self._state = "pending" if is_pending(sql) else "unknown"
            self._reason = f"{type(fault).__name__}: {str(fault).partition(chr(10))[0]}"
        else:
            self._refuse(wrong) if wrong else self._accept()
        finally:
            sql.dispose()

    def _refuse(self, wrong: list[str]) -> None:
        reason = "; ".join(wrong)
        if (self._state, self._reason) != ("refused", reason):
            logger.error("the database is not used with these keys: %s", reason)
        self._again_at = time.monotonic() + AGAIN_SECONDS
        self._reason, self._state = reason, "refused"

    def _accept(self) -> None:
        logger.info("the keys are the ones that the database knows")
        self._state = "checked"


def is_pending(sql: Engine) -> bool:
    """Return whether the database answers, and is older than this program."""
    try:
        with sql.connect() as connection:
            found = revisions.found(connection)
    except SQLAlchemyError:
        return False
    return set(found) != set(revisions.scripts().get_heads()) and not revisions.unknown(found)
