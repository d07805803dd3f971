"""Who wants which events: the endpoints as each worker caches them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session, scoped_session

from wxlogin.clock import Clock
from wxlogin.models import WebhookEndpoint
from wxlogin.redisdb.shared_version import SharedVersion

MAX_AGE_SECONDS = 60

Transaction = Session | scoped_session[Any] | Connection


@dataclass(frozen=True)
class Subscription:
    """An enabled endpoint, the types that it wants, and the apps, or none for all."""

    id: int
    events: frozenset[str]
    apps: frozenset[str]

    def wants(self, type_: str, app: str | None) -> bool:
        """Return whether it wants an event of a type and app."""
        return type_ in self.events and (not self.apps or app in self.apps)


@dataclass(frozen=True)
class Snapshot:
    """The enabled endpoints as they were read, with the version in Redis and the time."""

    endpoints: Sequence[Subscription]
    version: str | None
    read_at: float


class Subscriptions:
    """Caches the enabled endpoints in the worker's memory; a version in Redis invalidates them.

    While Redis is out, what is cached holds: an act on SQL never fails because of it.
    """

    def __init__(
        self,
        version: SharedVersion,
        clock: Clock,
        has_receivers: Callable[[str], bool] = lambda _type: False,
    ) -> None:
        """`has_receivers` says whether code of this process listens to the signal of a type."""
        self._version = version
        self._clock = clock
        self._has_receivers = has_receivers
        self._snapshot: Snapshot | None = None

    def refresh(self) -> None:
        """Learn of changes, by one round trip to Redis if the last one is a second ago.

        Call it before a transaction: nobody should wait for Redis while holding a lock.
        """
        if not self._version.is_recent:
            with suppress(RedisError):
                self._version.current()

    def is_wanted(self, sql: Transaction, type_: str) -> bool:
        """Return whether any enabled endpoint, or code of this process, wants a type."""
        wanted = any(type_ in one.events for one in self.enabled(sql))
        return wanted or self._has_receivers(type_)

    def is_surely_unwanted(self, type_: str) -> bool:
        """Return whether nobody wants a type, by what is known without a round trip."""
        known = self._snapshot
        if known is None or self._has_receivers(type_) or not self._version.is_recent:
            return False
        return self._holds(known) and not any(type_ in one.events for one in known.endpoints)

    def enabled(self, sql: Transaction) -> Sequence[Subscription]:
        """Return the enabled endpoints; they are read with `sql` if they are known to have changed.

        This asks nobody but the database.
        """
        now, known, version = self._clock(), self._snapshot, self._version.latest
        if known and self._holds(known):
            return known.endpoints
        self._snapshot = Snapshot(read_enabled(sql), version, now)
        return self._snapshot.endpoints

    def _holds(self, known: Snapshot) -> bool:
        """Return whether what was read is young and of the version that this process knows."""
        age = self._clock() - known.read_at
        return known.version == self._version.latest and 0 <= age < MAX_AGE_SECONDS

    def changed(self) -> None:
        """Make every worker read the endpoints again; call it after the commit.

        While Redis is out they do so within a minute: what was committed is done.
        """
        self._snapshot = None
        with suppress(RedisError):
            self._version.change()


def read_enabled(sql: Transaction) -> list[Subscription]:
    """Read the enabled endpoints."""
    columns = WebhookEndpoint.id, WebhookEndpoint.events, WebhookEndpoint.apps
    rows = sql.execute(select(*columns).where(WebhookEndpoint.enabled).order_by(columns[0]))
    return [
        Subscription(row.id, frozenset(row.events.split()), frozenset((row.apps or "").split()))
        for row in rows
    ]
