"""Clients of Redis that know which server holds a key."""

from __future__ import annotations

import logging
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, cast

from redis import Redis
from redis.connection import ConnectionPool
from redis.crc import key_slot
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MovedError, ReadOnlyError, RedisError

from wxlogin.redisdb.batching import Command
from wxlogin.redisdb.causes import explain
from wxlogin.redisdb.pool import Pool
from wxlogin.redisdb.replies import Result

# A fault may mean that the primaries changed; the topology is refreshed this often at most.
MIN_REFRESH_SECONDS = 0.1
# How long a request waits for a refresh in another thread, and the first one, without which
# nothing is known.
REFRESH_WAIT_SECONDS = 0.05
FIRST_REFRESH_WAIT_SECONDS = 1.0

Address = tuple[str, int]
Topology = dict[int, Address | None]
"""The primary of the slots from this one on; None where no server is."""

logger = logging.getLogger(__name__)


class Server(Redis):
    """A client of one server."""

    def server_for(self, key: str) -> Server:  # noqa: ARG002  one server holds every key
        """Return the client of the primary that holds the key."""
        return self

    def one_key_per_server(self, names: Iterable[str]) -> list[str]:
        """Return one of these keys for each primary that holds any of them."""
        return [next(iter(names))]

    def exchange(self, commands: list[Command], *, repeatable: bool) -> list[Result]:
        """Make one round trip with this server, as `Pool.exchange` describes it."""
        return cast("Pool", self.connection_pool).exchange(commands, repeatable=repeatable)

    def invalidate(self, fault: RedisError) -> None:
        """Give up what a fault disproves: connections to a server that became a replica.

        The next connection asks the server's role, and so refuses a replica.
        """
        if isinstance(fault, ReadOnlyError):
            self.close_idle()

    def close(self) -> None:
        """Close every connection."""
        self.connection_pool.disconnect()

    def close_idle(self) -> None:
        """Close the idle connections."""
        cast("Pool", self.connection_pool).close_idle()

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command, once."""
        try:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except RedisError as fault:
            self.invalidate(fault)
            raise


class ClusterClient(Server):
    """A client of several servers. It sends a command to the primary that holds its first key.

    `discover` returns the primaries by their slots. Sentinels watch over one primary, which then
    has every slot. It is called when the known topology is older than `max_age` seconds, and after
    a fault. While it fails, the known topology stays in use. An exchange goes to one primary: use
    `server_for(key).exchange(...)`.
    """

    def __init__(
        self,
        discover: Callable[[], Topology],
        max_age: float,
        open_server: Callable[[Address], Server],
    ) -> None:
        super().__init__(connection_pool=_NoPool())
        self._discover = discover
        self._max_age = max_age
        self._open_server = open_server
        self._refreshing = threading.Lock()
        self._servers: dict[Address, Server] = {}
        self._slot_starts: tuple[list[int], list[Server | None]] = ([0], [None])
        self._known = False
        self._logged = ""
        self._refresh_at = self.earliest_refresh = 0.0

    def server_for(self, key: str) -> Server:
        """Return the client of the primary that holds the key; a Redis fault if none is known."""
        if time.monotonic() >= self._refresh_at:
            self._refresh()
        starts, servers = self._slot_starts
        server = servers[bisect_right(starts, key_slot(key.encode())) - 1]
        if server is None:
            fault = RedisConnectionError("no primary is known for this key")
            self.invalidate(fault)
            raise fault
        return server

    def one_key_per_server(self, names: Iterable[str]) -> list[str]:
        """Return one of these keys for each primary; a Redis fault for a key without a primary."""
        found: dict[Server, str] = {}
        for name in names:
            found.setdefault(self.server_for(name), name)
            if len(found) >= len(self._servers):
                break
        return list(found.values())

    def invalidate(self, fault: RedisError) -> None:
        """Refresh the topology before the next command."""
        self._refresh_at = min(self._refresh_at, self.earliest_refresh)
        for server in list(self._servers.values()):
            server.invalidate(fault)

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command, once. A command without a key goes to every primary."""
        try:
            return self._execute(*args, **options)
        except MovedError:  # that server did not run it
            return self._execute(*args, **options)

    def close(self) -> None:
        """Close every connection."""
        for server in self._servers.values():
            server.connection_pool.disconnect()

    def _execute(self, *args: Any, **options: Any) -> Any:
        try:
            server = self.server_for(args[1] if len(args) > 1 else "")
            every = list(self._servers.values()) if len(args) == 1 else []
            for other in every:
                if other is not server:
                    other.execute_command(*args, **options)
            return server.execute_command(*args, **options)
        except RedisError as fault:
            self.invalidate(fault)
            raise

    def _refresh(self) -> None:
        """Discover the topology in one thread; the others wait a moment for it."""
        wait = REFRESH_WAIT_SECONDS if self._known else FIRST_REFRESH_WAIT_SECONDS
        if self._refreshing.acquire(timeout=wait):
            try:
                began = time.monotonic()
                if began >= self._refresh_at:
                    self._update(self._discovered(), began)
            finally:
                self._refreshing.release()

    def _discovered(self) -> Topology | None:
        """Return the topology, or None on a fault, which is logged once until it changes."""
        found, message = None, ""
        try:
            found = self._discover()
        except RedisError as fault:
            message = explain(fault)
        if message and message != self._logged:
            logger.warning("nobody says who the primaries of Redis are: %s", message)
        self._logged = message
        return found

    def _update(self, found: Topology | None, began: float) -> None:
        """Keep a topology. A slow discovery is not repeated soon: requests wait for it."""
        if found is not None:
            self._replace_servers(found)
            self._known = True
        ended = time.monotonic()
        self.earliest_refresh = ended + max(MIN_REFRESH_SECONDS, 2 * (ended - began))
        expires = ended + self._max_age
        self._refresh_at = max(self.earliest_refresh, expires if found is not None else 0.0)

    def _replace_servers(self, found: Topology) -> None:
        """Use these primaries; close the connections to servers that are no primaries any more."""
        before = self._servers
        primaries = {address for address in found.values() if address}
        self._servers = {a: before.get(a) or self._open_server(a) for a in primaries}
        starts = sorted(found)
        servers = [self._servers.get(found[start] or ("", 0)) for start in starts]
        self._slot_starts = (starts, servers)
        for address in before.keys() - primaries:
            before[address].close_idle()


class _NoPool(ConnectionPool):
    """Stands for the pool of a client of several servers, which has none."""

    def get_connection(self, *_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError("name a key: server_for(key)")
