"""The CPU time of this process and of the servers that it asks, as far as they run on this machine.

On a machine that does other work as well it says what the clock on the wall cannot: how long an
answer takes where nobody else is served.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

from sqlalchemy import Engine, text

from wxlogin.redisdb.cluster import Server

BACKENDS = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")


def clock_of(redis: Server, sql: Engine) -> Callable[[], float]:
    """Return a clock of milliseconds of CPU: of this process, Redis, and PostgreSQL's backends."""
    servers = [int(cast("dict[str, int]", redis.info("server"))["process_id"])]
    if sql.dialect.name == "postgresql":
        with sql.connect() as connection:
            servers += connection.scalars(BACKENDS).all()
    return lambda: 1000 * time.process_time() + _spent(servers)


def _spent(processes: Iterable[int]) -> float:
    """Return the milliseconds that processes have run; one that is elsewhere counts for nothing."""
    spent = 0.0
    for process in processes:
        path = Path(f"/proc/{process}/schedstat")
        if path.exists():
            spent += int(path.read_text(encoding="ascii").split()[0]) / 1e6
    return spent
