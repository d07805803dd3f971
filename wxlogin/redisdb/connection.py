"""The one way to Redis: one server, a primary behind sentinels, or a cluster."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import AbstractConnection, SSLConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry
from redis.sentinel import Sentinel

from wxlogin.redisdb.cluster import Address, ClusterClient, Server, Topology
from wxlogin.redisdb.pool import Pool
from wxlogin.redisdb.reconciled_servers import server_id
from wxlogin.settings.values import RedisServers, redis_servers

SOCKET_SECONDS = 0.5
POOL_SECONDS = 0.5
POOL_SIZE = 128

# How long one sentinel or node may take to name the primaries, and all of them together.
DISCOVERY_NODE_SECONDS = 0.2
DISCOVERY_SECONDS = 3 * DISCOVERY_NODE_SECONDS

# A primary that hung and comes back does not know yet that another replaced it. A node of a cluster
# refuses keys that are not its own; a primary behind sentinels does not, so they are asked often.
SENTINEL_MAX_AGE = 0.5
CLUSTER_MAX_AGE = 60.0


CheckServer = Callable[[str], None]
"""Raises RedisConnectionError for a server, by its id, that must not be used yet."""


def connect(url: str, check_server: CheckServer | None = None) -> Server:
    """Return a client for a URL of any of the three forms; nothing is sent yet.

    Each new connection asks `check_server` first.

    A command is sent once: a write whose reply was lost may have happened. `Scripts` repeats what
    is safe to repeat. A dead Redis fails at once, a hung one within `SOCKET_SECONDS`.
    """
    servers = redis_servers(url)
    if servers is None:
        return Server(connection_pool=Pool.from_url(url, **_options(check_server)))
    others = {**servers.signing_in, **_tls_options(servers.tls), **_options(check_server)}
    open_server = partial(_open_server, **others)
    if servers.master:
        return ClusterClient(Sentinels(servers), SENTINEL_MAX_AGE, open_server)
    return ClusterClient(ClusterNodes(servers), CLUSTER_MAX_AGE, open_server)


class Sentinels:
    """Asks sentinels for the primary."""

    def __init__(self, servers: RedisServers) -> None:
        self._master = servers.master
        seconds = min(DISCOVERY_NODE_SECONDS, DISCOVERY_SECONDS / len(servers.seeds))
        self._sentinel = Sentinel(  # type: ignore[no-untyped-call]
            servers.seeds, sentinel_kwargs=_discovery_options(servers, seconds)
        )

    def __call__(self) -> Topology:
        """Return the primary; a Redis fault if no sentinel knows one that is up."""
        fault: RedisError = RedisConnectionError("no sentinel knows such a primary that is up")
        for sentinel in list(self._sentinel.sentinels):
            try:
                known = cast("dict[str, dict[str, Any]]", sentinel.sentinel_masters())
            except RedisError as error:
                fault = error
                continue
            state = known.get(self._master)
            if state and self._sentinel.check_master_state(state, self._master):  # type: ignore[no-untyped-call]
                self._move_to_front(sentinel)
                return {0: (state["ip"], state["port"])}
        raise fault

    def _move_to_front(self, sentinel: Redis) -> None:
        others = [one for one in self._sentinel.sentinels if one is not sentinel]
        self._sentinel.sentinels = [sentinel, *others]


class ClusterNodes:
    """Asks the nodes of a cluster for the primaries, starting with the node that answered last."""

    def __init__(self, servers: RedisServers) -> None:
        self._seeds = list(servers.seeds)
        self._nodes = self._seeds
        self._options = _discovery_options(servers, DISCOVERY_NODE_SECONDS)

    def __call__(self) -> Topology:
        """Return the primaries by their slots; a Redis fault if no node answers in time."""
        fault: RedisError = RedisConnectionError("no node of the cluster answered in time")
        began = time.monotonic()
        for node in self._nodes:
            try:
                return self._read(node, self._slots(node))
            except RedisError as error:
                fault = error
            if time.monotonic() - began > DISCOVERY_SECONDS - DISCOVERY_NODE_SECONDS:
                break
        self._nodes = [*self._nodes[1:], self._nodes[0]]
        raise fault

    def _slots(self, node: Address) -> list[Any]:
        """Return rows of first slot, last slot, primary, replicas; a server is host, port, ..."""
        host, port = node
        with Redis(host=host, port=port, **self._options) as client:
            rows: list[Any] = client.execute_command("CLUSTER SLOTS")
        return sorted(rows, key=lambda row: int(row[0]))

    def _read(self, asked: Address, rows: list[Any]) -> Topology:
        found: Topology = {0: None}
        nodes = [asked]
        for first, last, *servers in rows:
            own = [(_text(host) or asked[0], int(port)) for host, port, *_ in servers]
            found |= {int(first): own[0], int(last) + 1: None}
            nodes += own
        self._nodes = list(dict.fromkeys([*nodes, *self._seeds]))
        return found


def _open_server(address: Address, **others: Any) -> Server:
    host, port = address
    pool = Pool(host=host, port=port, **others)  # type: ignore[no-untyped-call]
    return Server(connection_pool=pool)


def _tls_options(tls: dict[str, Any] | None) -> dict[str, Any]:
    return {} if tls is None else {"connection_class": SSLConnection, **tls}


def _discovery_options(servers: RedisServers, seconds: float) -> dict[str, Any]:
    """Return the connection options for sentinels, or for nodes that are asked for the slots."""
    tls = {} if servers.tls is None else {"ssl": True, **servers.tls}
    return {**_timeouts(seconds), **servers.asking, **tls}


def _options(check_server: CheckServer | None) -> dict[str, Any]:
    return {
        **_timeouts(SOCKET_SECONDS),
        "decode_responses": True,
        "max_connections": POOL_SIZE,
        "timeout": POOL_SECONDS,
        "redis_connect_func": partial(_on_connect, check_server),
    }


def _timeouts(seconds: float) -> dict[str, Any]:
    return {
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "retry": Retry(NoBackoff(), 0),
        # RESP2 and no CLIENT SETINFO: Redis before 6.0 and many proxies know no more than that.
        "protocol": 2,
        "driver_info": None,
        # With these a connection that holds the reply to another request would stay in use.
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }


def _on_connect(check_server: CheckServer | None, connection: AbstractConnection) -> None:
    """Authenticate, and refuse a replica: what it does not know yet would end sessions.

    A proxy that does not know ROLE, or a user who may not call it, is trusted. Where servers are
    checked, the server's id is asked for too.
    """
    connection.on_connect()  # type: ignore[no-untyped-call]
    role = _ask(connection, "ROLE")
    if role and _text(role[0]) == "slave":
        raise RedisConnectionError("this server is a replica")
    if check_server:
        info = _ask(connection, "INFO", "replication")
        check_server(server_id(_text(info)))


def _ask(connection: AbstractConnection, *words: str) -> Any:
    """Send one command; return its reply, or None if the server refuses it."""
    connection.send_command(*words, check_health=False)  # type: ignore[no-untyped-call]
    try:
        return connection.read_response()
    except ResponseError:
        return None


def _text(host: str | bytes | None) -> str:
    return host.decode() if isinstance(host, bytes) else host or ""
