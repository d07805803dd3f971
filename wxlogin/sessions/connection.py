"""The one way to Redis."""

from __future__ import annotations

from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import BlockingConnectionPool
from redis.retry import Retry

SOCKET_SECONDS = 0.5
POOL_SECONDS = 0.5
POOL_SIZE = 128


def connect(url: str) -> Redis:
    """A client for the URL; nothing is sent yet.

    A command is sent once: a write whose answer was lost may have happened. Reads are asked again
    in scripts.py. A dead Redis fails at once, a hung one within `SOCKET_SECONDS`.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        decode_responses=True,
        socket_timeout=SOCKET_SECONDS,
        socket_connect_timeout=SOCKET_SECONDS,
        retry=Retry(NoBackoff(), 0),
        max_connections=POOL_SIZE,
        timeout=POOL_SECONDS,
    )
    return Redis(connection_pool=pool)
