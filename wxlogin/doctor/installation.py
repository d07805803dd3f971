"""What the checks look at: the settings, and connections of the doctor's own to the stores.

The connections of the app stay out of it: a pool that is used up must not hang the doctor, and the
doctor must not use it up.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine

from config import Settings
from wxlogin import watch
from wxlogin.clock import Clock
from wxlogin.database.connecting import separate_engine
from wxlogin.redisdb import Scripts, connect

STATEMENT_SECONDS = 5


@dataclass(frozen=True)
class Installation:
    """One installation. `hosts` is how many hosts serve it, `workers` how many workers each has.

    A statement takes `STATEMENT_SECONDS` at most, an exchange with Redis half a second.
    """

    settings: Settings
    clock: Clock
    sql: Engine
    scripts: Scripts
    hosts: int
    workers: int


@contextmanager
def opened(settings: Settings, clock: Clock, hosts: int, workers: int) -> Iterator[Installation]:
    """Yield an installation; its connections are closed at the end."""
    url, pgbouncer = settings.database_url, settings.database_pgbouncer
    sql = separate_engine(url, STATEMENT_SECONDS, pgbouncer=pgbouncer)
    redis = connect(settings.redis_url)
    try:
        scripts = Scripts(redis, (watch.LUA,))
        yield Installation(settings, clock, sql, scripts, hosts, workers)
    finally:
        redis.close()
        sql.dispose()
