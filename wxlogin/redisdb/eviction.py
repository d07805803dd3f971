"""Whether Redis evicts keys when its memory is full: sessions then end, and marks are forgotten."""

from __future__ import annotations

from redis.exceptions import ResponseError

from wxlogin.redisdb import keys
from wxlogin.redisdb.cluster import Server

KEEPS = ("noeviction", "")
ADVICE = "maxmemory-policy is %s: Redis ends sessions when its memory is full; set noeviction"


def evicting_policy(redis: Server) -> str:
    """Return the `maxmemory-policy` of the first primary whose policy evicts keys, or `""`.

    A server that does not tell its policy is taken for one that keeps its keys.
    """
    servers = [redis.server_for(name) for name in redis.one_key_per_server(keys.probes())]
    return next((policy for one in servers if (policy := _policy(one)) not in KEEPS), "")


def _policy(server: Server) -> str:
    try:
        return str(server.info("memory").get("maxmemory_policy", ""))
    except ResponseError:
        return ""
