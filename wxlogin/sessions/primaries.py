"""Clients of Redis that know which server holds a key."""

from __future__ import annotations

import logging
import threading
import time
from bisect import bisect_right
from collections.abc import Callable
from typing import Any, NoReturn, cast

from redis import Redis
from redis.connection import ConnectionPool
from redis.crc import key_slot
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MovedError, ReadOnlyError, RedisError

from wxlogin.sessions.convoy import Command
from wxlogin.sessions.pool import Pool

# A fault may mean that the primaries changed; who they are is asked this often at most.
LEAST_SECONDS = 0.1
# A search that others run is waited for so long, and longer where nothing is known yet.
TURN_SECONDS = 0.05
FIRST_TURN_SECONDS = 1.0

Address = tuple[str, int]
Found = dict[int, Address | None]
"""Who is primary for the slots from this one on; None where nobody is."""

logger = logging.getLogger(__name__)


class Server(Redis):
    """A client of one server."""

    def at(self, key: str) -> Server:  # noqa: ARG002  one server holds every key
        """The primary that holds the key."""
        return self

    def exchange(self, commands: list[Command], *, repeatable: bool) -> list[Any]:
        """One round trip with this server, as `Pool` promises it."""
        return cast("Pool", self.connection_pool).exchange(commands, repeatable=repeatable)

    def doubt(self, fault: RedisError) -> None:
        """Learn from a fault: a server that became a replica is greeted anew, and so refused."""
        if isinstance(fault, ReadOnlyError):
            self.close_idle()

    def close_idle(self) -> None:
        """Close the connections that nobody uses."""
        cast("Pool", self.connection_pool).close_idle()

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command, once."""
        try:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except RedisError as fault:
            self.doubt(fault)
            raise


class Primaries(Server):
    """A client of several servers. A command goes to the primary that holds its first key.

    Who is primary is asked of `find` when the answer is older than `lasts` seconds, and after a
    fault. While nobody can say, the last answer stands. An exchange belongs to one primary: use
    `at(key).exchange(...)`.
    """

    def __init__(
        self, find: Callable[[], Found], lasts: float, reach: Callable[[Address], Server]
    ) -> None:
        super().__init__(connection_pool=_NoPool())
        self._find = find
        self._lasts = lasts
        self._reach = reach
        self._turn = threading.Lock()
        self._servers: dict[Address, Server] = {}
        self._starts: tuple[list[int], list[Server | None]] = ([0], [None])
        self._known = False
        self._due = self.soonest = 0.0

    def at(self, key: str) -> Server:
        """The primary that holds the key; a Redis fault where nobody does."""
        if time.monotonic() >= self._due:
            self._look()
        starts, servers = self._starts
        server = servers[bisect_right(starts, key_slot(key.encode())) - 1]
        if server is None:
            fault = RedisConnectionError("no primary is known for this key")
            self.doubt(fault)
            raise fault
        return server

    def doubt(self, fault: RedisError) -> None:
        """Look before the next command where the primaries are."""
        self._due = min(self._due, self.soonest)
        for server in list(self._servers.values()):
            server.doubt(fault)

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command, once. One without a key goes to every primary."""
        try:
            return self._sent(*args, **options)
        except MovedError:  # it was not run there
            return self._sent(*args, **options)

    def close(self) -> None:
        """Close every connection."""
        for server in self._servers.values():
            server.connection_pool.disconnect()

    def _sent(self, *args: Any, **options: Any) -> Any:
        try:
            server = self.at(args[1] if len(args) > 1 else "")
            everybody = list(self._servers.values()) if len(args) == 1 else []
            for other in everybody:
                if other is not server:
                    other.execute_command(*args, **options)
            return server.execute_command(*args, **options)
        except RedisError as fault:
            self.doubt(fault)
            raise

    def _look(self) -> None:
        """Ask who is primary; one thread does, the others wait a moment for it."""
        if self._turn.acquire(timeout=TURN_SECONDS if self._known else FIRST_TURN_SECONDS):
            try:
                began = time.monotonic()
                if began >= self._due:
                    self._note(self._asked(), began)
            finally:
                self._turn.release()

    def _asked(self) -> Found | None:
        try:
            return self._find()
        except RedisError as fault:
            logger.warning("no answer about the primaries of Redis: %s", type(fault).__name__)
            return None

    def _note(self, found: Found | None, began: float) -> None:
        """Keep an answer. A search that took long is not repeated soon: somebody waits for it."""
        if found is not None:
            self._known = True
            self._adopt(found)
        ended = time.monotonic()
        self.soonest = ended + max(LEAST_SECONDS, 2 * (ended - began))
        self._due = self.soonest if found is None else max(self.soonest, ended + self._lasts)

    def _adopt(self, found: Found) -> None:
        """Use these primaries; connections to servers that are none any more are dropped."""
        before = self._servers
        primaries = {address for address in found.values() if address}
        self._servers = {a: before.get(a) or self._reach(a) for a in primaries}
        starts = sorted(found)
        servers = [self._servers.get(found[start] or ("", 0)) for start in starts]
        self._starts = (starts, servers)
        for address in before.keys() - primaries:
            before[address].close_idle()


class _NoPool(ConnectionPool):
    """In place of a pool where no single server is meant."""

    def get_connection(self, *_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError("name a key: at(key)")
