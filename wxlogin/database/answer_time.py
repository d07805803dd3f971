"""How long PostgreSQL is waited for.

The server itself ends a statement that takes too long. One that stands still ends none, and its
kernel acknowledges all that is sent, so the client has to end the wait. PyMySQL does so by itself.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

ANSWER_SECONDS = 8.0
"""More than a statement may take."""


class Connection(psycopg.Connection[Any]):
    """Waits ANSWER_SECONDS for each answer; OperationalError then, and the connection ends."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Run an exchange with the server."""
        try:
            return super().wait(gen, interval, ANSWER_SECONDS if timeout is None else timeout)
        except psycopg.OperationalError:
            # An answer that comes later would be taken for that to the next statement.
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()
            raise


def limit_answer_time(engine: Engine) -> None:
    """Limit it from the engine's next connection on; other systems have their own limit."""
    if engine.dialect.name == "postgresql":
        event.listen(engine, "do_connect", _connect)


def lift_answer_time(engine: Engine) -> None:
    """Wait without limit from the engine's next connection on."""
    if event.contains(engine, "do_connect", _connect):
        event.remove(engine, "do_connect", _connect)


def _connect(
    _dialect: Any, _record: Any, given: tuple[Any, ...], parameters: dict[str, Any]
) -> Connection:
    return Connection.connect(*given, **parameters)
