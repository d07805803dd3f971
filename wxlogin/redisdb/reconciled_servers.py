"""Servers of Redis that may be used. One is used once what SQL ended for good was ended in it.

A server that was restored from a copy, a replica that lagged and took over, another server at the
same address: each may have sessions that a ban or an end of all sessions had ended. Each also has a
replication id that no server had before: Redis makes one at every start and every promotion. A mark
in Redis, named by that id, says that the server was reconciled with SQL. A server without one is
reconciled before any request uses it.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from contextlib import closing

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

from wxlogin.redisdb import keys
from wxlogin.redisdb.causes import explain
from wxlogin.redisdb.cluster import Server

WAIT_SECONDS = 0.5
"""How long a request waits for a reconciliation, which goes on without it."""
MARK_MS = 31_536_000_000
SERVER_ID = re.compile(r"^master_replid:(\w+)", re.MULTILINE)
NOT_RECONCILED = "this server is not reconciled with the database yet"

logger = logging.getLogger(__name__)


class ReconciledServers:
    """Knows servers that are reconciled, by their ids; has the others reconciled.

    A server or a proxy that does not tell its id has the id `""`: each process reconciles it once.
    """

    def __init__(
        self, open_client: Callable[[], Server], reconcile: Callable[[Server], None]
    ) -> None:
        """`open_client` opens a client that uses any server; `reconcile` gets it."""
        self._open_client = open_client
        self._reconcile = reconcile
        self._known: frozenset[str] = frozenset()
        self._turn = threading.Lock()
        self._run: _Run | None = None
        self._logged = ""

    def require(self, server_id: str) -> None:
        """Wait a moment until a server is reconciled; RedisConnectionError if it is not by then."""
        if server_id in self._known:
            return
        run = self._current_run()
        run.thread.join(WAIT_SECONDS)
        if server_id not in self._known:
            raise RedisConnectionError(f"{NOT_RECONCILED}{run.fault and ': '}{run.fault}")

    def _current_run(self) -> _Run:
        with self._turn:
            # A thread of the process before a fork is not alive.
            if self._run is None or not self._run.thread.is_alive():
                self._run = _Run(self._reconcile_all)
                self._run.thread.start()
            return self._run

    def _reconcile_all(self) -> str:
        """Reconcile all primaries; return why that is impossible, or an empty text."""
        try:
            with closing(self._open_client()) as client:
                self._known |= self._reconciled(client)
        except Exception as fault:
            return self._log(
                explain(fault) if isinstance(fault, RedisError) else _first_line(fault)
            )
        return self._log("")

    def _reconciled(self, client: Server) -> frozenset[str]:
        """Return the ids of the primaries, once they are reconciled."""
        found = server_ids(client)
        if all(_is_marked(client, one) for one in found):
            return found
        if not _is_empty(client):
            self._reconcile(client)
        if server_ids(client) != found:
            raise RedisConnectionError("another server took over meanwhile")
        for one in filter(None, found):
            client.set(keys.reconciled(one), "1", px=MARK_MS)
        return found

    def _log(self, fault: str) -> str:
        """Log a fault when it changes; return it."""
        if fault and fault != self._logged:
            logger.warning("%s: %s", NOT_RECONCILED, fault)
        self._logged = fault
        return fault


class _Run:
    """A reconciliation in a thread of its own, and the fault with which it ended."""

    def __init__(self, function: Callable[[], str]) -> None:
        self.fault = ""
        self._function = function
        self.thread = threading.Thread(target=self._do, name="reconciliation", daemon=True)

    def _do(self) -> None:
        self.fault = self._function()


def server_id(info: str) -> str:
    """Return the id in a server's `INFO replication`; an empty text if it tells none."""
    found = SERVER_ID.search(info.replace("\r", ""))
    return found[1] if found else ""


def server_ids(client: Server) -> frozenset[str]:
    """Return the id of each primary."""
    return frozenset(_id_of(client.server_for(name)) for name in _one_name_each(client))


def _id_of(server: Server) -> str:
    try:
        return str(server.info("replication").get("master_replid", ""))
    except ResponseError:
        return ""


def _is_empty(client: Server) -> bool:
    """Return whether no primary has any key: then there is nothing to end."""
    try:
        return all(client.server_for(name).dbsize() == 0 for name in _one_name_each(client))
    except ResponseError:
        return False


def _is_marked(client: Server, one: str) -> bool:
    """Return whether a server was reconciled; the mark then lives on."""
    return bool(one and client.pexpire(keys.reconciled(one), MARK_MS))


def _one_name_each(client: Server) -> list[str]:
    return client.one_key_per_server(keys.probes())


def _first_line(fault: Exception) -> str:
    return f"{type(fault).__name__}: {str(fault).partition(chr(10))[0]}"
