"""The CPU time of this process and of the servers that it asks, as far as they run on this machine.

On a machine that does other work as well it says what the clock on the wall cannot: how long an
answer takes where nobody else is served.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import cast

from sqlalchemy import Engine, text

from wxlogin.redisdb.cluster import Server

MY_BACKEND = text("SELECT pg_backend_pid()")


def clock_of(redis: Server, sql: Engine) -> Callable[[], float]:
    """Return a clock of milliseconds of CPU: of this process, Redis, and all of PostgreSQL."""
    valkey = int(cast("dict[str, int]", redis.info("server"))["process_id"])
    spent: dict[int, float] = {}  # of those that have ended too
    postmaster = 0
    if sql.dialect.name == "postgresql":
        with sql.connect() as connection:
            postmaster = _parent(connection.scalars(MY_BACKEND).one())

    def clock() -> float:
        spent.update(_spent([valkey, *(_children(postmaster) if postmaster else ())]))
        return 1000 * time.process_time() + sum(spent.values())

    return clock


def _parent(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("PPid:")[2].split()[0])


def _children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in tasks.read_text(encoding="ascii").split()]


def _spent(processes: Iterable[int]) -> Iterator[tuple[int, float]]:
    """Yield the milliseconds that each process has run, if it still does."""
    for process in processes:
        try:
            text = Path(f"/proc/{process}/schedstat").read_text(encoding="ascii")
        except OSError:
            continue
        yield process, int(text.split()[0]) / 1e6
