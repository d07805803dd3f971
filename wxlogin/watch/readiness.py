"""Readiness: whether sessions can be read and written, as Redis and the database report.

The endpoint is public. So a verdict is cached for a second, one probe per store runs at a time, and
no probe is awaited for longer than `TIMEOUT_SECONDS`.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, Literal, NamedTuple, TypeVar

from redis.exceptions import RedisError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from wxlogin.database import revisions
from wxlogin.database.check_before_use import DatabaseNotReady
from wxlogin.database.failover import discard_pool, takes_writes
from wxlogin.redisdb import Scripts, causes, keys
from wxlogin.redisdb.causes import State
from wxlogin.redisdb.eviction import ADVICE, evicting_policy

CACHE_SECONDS = 1.0
TIMEOUT_SECONDS = 2.5
PROBE_MS = 60_000

Database = Literal["ok", "out", "read-only"]
Migrations = Literal["ok", "pending", "ahead", "unknown"]
Part = TypeVar("Part")
Result = tuple[Part, str]
"""The state of a store, and the reason if it is not `ok`."""

REASONS = {
    "read-only": "the database takes no writes: it is a standby, or was set read-only",
    "pending": "the database is older than this program: run `flask --app wsgi db upgrade`",
    "ahead": "the database was migrated by a newer program",
}

logger = logging.getLogger(__name__)


class RedisState(NamedTuple):
    """The state of Redis, and its `maxmemory-policy` if that evicts keys."""

    redis: State
    maxmemory_policy: str | None = None


class DatabaseState(NamedTuple):
    """The state of the database, and its revision compared with this program's."""

    database: Database
    migrations: Migrations
    keys: Literal["refused"] | None = None
    """Whether this process may not use the database, since a key of its settings is wrong."""


class Verdict(NamedTuple):
    """The state of each store."""

    redis: State
    maxmemory_policy: str | None
    database: Database
    migrations: Migrations
    keys: Literal["refused"] | None
    clock: str | None = None
    """How this host's clock differs from WeChat's by more than a minute, in words."""

    @property
    def status(self) -> Literal["ok", "degraded", "out"]:
        """`out` if sessions cannot be read or written, `degraded` if logins are impossible."""
        if self.redis != "ok" or self.migrations == "pending" or self.keys:
            return "out"
        complete = (self.database, self.migrations) == ("ok", "ok")
        return "ok" if complete else "degraded"


class Readiness:
    """Probes Redis and the database, each in a thread of its own."""

    def __init__(
        self,
        scripts: Scripts,
        sql: Engine,
        end_reading: Callable[[], None],
        describe_clock: Callable[[], str | None],
    ) -> None:
        """`end_reading` returns the connection that the request has, if it has one."""
        self._end_reading = end_reading
        no_answer = (RedisState("out"), "Redis hangs")
        self._redis = _Probe[RedisState](lambda: _probe_redis(scripts), no_answer)
        self._describe_clock = describe_clock
        hung = (DatabaseState("out", "unknown"), "the database hangs, or its pool is used up")
        self._sql = _Probe[DatabaseState](lambda: _probe_database(sql), hung)
        self._turn = threading.Lock()
        self._verdict: Verdict | None = None
        self._reported = ["", ""]
        self._until = 0.0

    def verdict(self) -> Verdict:
        """Return the state of each store, at most a second old."""
        # Else those who wait for the probe could have all connections, and it would wait for them.
        self._end_reading()
        with self._turn:
            if self._verdict is None or time.monotonic() >= self._until:
                self._verdict = self._run_probes()
                self._until = time.monotonic() + CACHE_SECONDS
            return self._verdict

    def _run_probes(self) -> Verdict:
        self._redis.start()
        self._sql.start()
        redis, redis_reason = self._redis.result()
        database, database_reason = self._sql.result()
        self._report([redis_reason, database_reason])
        clock = self._clock_words() if redis.redis == "ok" else None
        return Verdict(**redis._asdict(), **database._asdict(), clock=clock)

    def _clock_words(self) -> str | None:
        with suppress(RedisError):
            return self._describe_clock()
        return None

    def _report(self, reasons: list[str]) -> None:
        """Log the reasons when they change."""
        if reasons != self._reported:
            text = "; ".join(filter(None, reasons))
            logger.warning("readiness: %s", text or "Redis and the database are in order again")
            self._reported = reasons


class _Probe(Generic[Part]):
    """A check that may hang: it runs in a thread of its own, one run at a time."""

    def __init__(self, check: Callable[[], Result[Part]], hung: Result[Part]) -> None:
        self._check = check
        self._hung = hung
        self._done = threading.Event()
        self._done.set()
        self._started = 0.0

    def start(self) -> None:
        """Start a run, unless the last one is still running."""
        if self._done.is_set():
            self._done = threading.Event()
            self._started = time.monotonic()
            threading.Thread(target=self._run, args=(self._done,), daemon=True).start()

    def result(self) -> Result[Part]:
        """Wait for the run, and return its result, or `hung` after TIMEOUT_SECONDS."""
        left = self._started + TIMEOUT_SECONDS - time.monotonic()
        return self._result if self._done.wait(max(0.0, left)) else self._hung

    def _run(self, done: threading.Event) -> None:
        try:
            self._result = self._check()
        except Exception:
            logger.exception("a probe failed")
            self._result = self._hung
        finally:
            done.set()


def _probe_redis(scripts: Scripts) -> Result[RedisState]:
    """Write to every primary, and ask whether it evicts keys."""
    try:
        for name in scripts.redis.one_key_per_server(keys.probes()):
            scripts.call_once("probe", [name], secrets.token_hex(8), PROBE_MS)
        policy = evicting_policy(scripts.redis)
    except RedisError as fault:
        return RedisState(causes.cause_of(fault).state), causes.explain(fault)
    return RedisState("ok", policy or None), ADVICE % policy if policy else ""


def _probe_database(sql: Engine) -> Result[DatabaseState]:
    """Read the revision, and whether the database accepts writes."""
    try:
        with sql.connect() as connection:
            state = DatabaseState(_write_state(connection), _migrations(connection))
    except DatabaseNotReady as fault:
        return _not_ready(fault)
    except SQLAlchemyError as fault:
        message = str(fault).partition("\n")[0]
        reason = f"the database is out: {type(fault).__name__}: {message}"
        return DatabaseState("out", "unknown"), reason
    return state, "; ".join(REASONS[part] for part in state if part in REASONS)


def _not_ready(fault: DatabaseNotReady) -> Result[DatabaseState]:
    if fault.refused:
        return DatabaseState("ok", "unknown", keys="refused"), str(fault.orig)
    return DatabaseState("out", "unknown"), f"the database is out: {fault.orig}"


def _write_state(connection: Connection) -> Database:
    if takes_writes(connection):
        return "ok"
    # Pooled connections keep reporting this, even after the server has become writable.
    discard_pool(connection)
    return "read-only"


def _migrations(connection: Connection) -> Migrations:
    have = revisions.found(connection)
    if set(have) == set(revisions.scripts().get_heads()):
        return "ok"
    return "ahead" if revisions.unknown(have) else "pending"
