"""A connection to PostgreSQL that is not waited for without limit."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus

ANSWER_SECONDS = 8.0
"""More than a statement of a request may take."""


class Connection(psycopg.Connection[Any]):
    """Waits so many seconds for each answer; OperationalError then, and the connection ends."""

    answer_seconds = ANSWER_SECONDS

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Run an exchange with the server."""
        try:
            return super().wait(gen, interval, self.answer_seconds if timeout is None else timeout)
        except psycopg.OperationalError:
            # An answer that comes later would be taken for that to the next statement.
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()
            raise
