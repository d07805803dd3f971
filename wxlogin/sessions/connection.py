"""The one way to Redis: one server, a primary behind sentinels, or a cluster."""

from __future__ import annotations

import time
from functools import partial
from typing import Any, cast

from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry
from redis.sentinel import Sentinel

from config_values import RedisServers, redis_servers
from wxlogin.sessions.pool import Pool
from wxlogin.sessions.primaries import Address, Found, Primaries, Server

SOCKET_SECONDS = 0.5
POOL_SECONDS = 0.5
POOL_SIZE = 128

# How long one sentinel or node is waited for when it is asked about the primaries.
ASK_SECONDS = 0.2
SEARCH_SECONDS = 3 * ASK_SECONDS

# A primary that hung and comes back does not know yet that another took its place. A cluster's node
# says of itself what is not its own; of a sentinels' primary the sentinels are asked this often.
SENTINELS_LAST = 0.5
CLUSTER_LASTS = 60.0


def connect(url: str) -> Server:
    """A client for the URL, of whatever shape; nothing is sent yet.

    A command is sent once: a write whose answer was lost may have happened. Reads are asked again
    in scripts.py. A dead Redis fails at once, a hung one within `SOCKET_SECONDS`.
    """
    servers = redis_servers(url)
    if servers is None:
        return Server(connection_pool=Pool.from_url(url, **_options()))
    reach = partial(_reach, **servers.signing_in)
    if servers.master:
        return Primaries(Sentinels(servers), SENTINELS_LAST, reach)
    return Primaries(ClusterNodes(servers), CLUSTER_LASTS, reach)


class Sentinels:
    """Asks sentinels who is primary."""

    def __init__(self, servers: RedisServers) -> None:
        self._master = servers.master
        seconds = min(ASK_SECONDS, SEARCH_SECONDS / len(servers.seeds))
        self._sentinel = Sentinel(  # type: ignore[no-untyped-call]
            servers.seeds, sentinel_kwargs=_timely(seconds)
        )

    def __call__(self) -> Found:
        """The primary; a Redis fault where none of them knows one that is up."""
        host, port = self._sentinel.discover_master(self._master)  # type: ignore[no-untyped-call]
        return {0: (host, port)}


class ClusterNodes:
    """Asks the nodes of a cluster who is primary, the one that answered last first."""

    def __init__(self, servers: RedisServers) -> None:
        self._seeds = list(servers.seeds)
        self._nodes = self._seeds
        self._signing_in = servers.signing_in

    def __call__(self) -> Found:
        """The primaries by their slots; a Redis fault where no node answers in time."""
        fault: RedisError = RedisConnectionError("no node of the cluster answered in time")
        began = time.monotonic()
        for node in self._nodes:
            try:
                return self._read(node, self._slots(node))
            except RedisError as error:
                fault = error
            if time.monotonic() - began > SEARCH_SECONDS - ASK_SECONDS:
                break
        self._nodes = [*self._nodes[1:], self._nodes[0]]
        raise fault

    def _slots(self, node: Address) -> list[Any]:
        """Rows of first slot, last slot, primary, replicas; a server is host, port and more."""
        host, port = node
        with Redis(host=host, port=port, **_timely(ASK_SECONDS), **self._signing_in) as client:
            rows: list[Any] = client.execute_command("CLUSTER SLOTS")
        return sorted(rows, key=lambda row: int(row[0]))

    def _read(self, asked: Address, rows: list[Any]) -> Found:
        found: Found = {0: None}
        nodes = [asked]
        for first, last, *servers in rows:
            own = [(_text(host) or asked[0], int(port)) for host, port, *_ in servers]
            found |= {int(first): own[0], int(last) + 1: None}
            nodes += own
        self._nodes = list(dict.fromkeys([*nodes, *self._seeds]))
        return found


def _reach(address: Address, **signing_in: Any) -> Server:
    host, port = address
    pool = Pool(  # type: ignore[no-untyped-call]
        host=host, port=port, **signing_in, **_options()
    )
    return Server(connection_pool=pool)


def _options() -> dict[str, Any]:
    return {
        **_timely(SOCKET_SECONDS),
        "decode_responses": True,
        "max_connections": POOL_SIZE,
        "timeout": POOL_SECONDS,
        "redis_connect_func": _greet,
    }


def _timely(seconds: float) -> dict[str, Any]:
    return {
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "retry": Retry(NoBackoff(), 0),
        # With these a connection that holds somebody else's answer would be used on.
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }


def _greet(connection: AbstractConnection) -> None:
    """Sign in, to a primary alone: what a replica does not know yet is no refusal."""
    connection.on_connect()  # type: ignore[no-untyped-call]
    greeting = cast("dict[str, str]", connection.handshake_metadata or {})
    if greeting.get("role") in ("replica", "slave"):
        raise RedisConnectionError("this server is a replica")


def _text(host: str | bytes | None) -> str:
    return host.decode() if isinstance(host, bytes) else host or ""
