"""A look into Redis past the app, whatever its shape."""

from __future__ import annotations

from redis import Redis

from config_values import redis_servers
from wxlogin.sessions import connect

SAMPLES = 64


def servers(url: str, *, text: bool = True) -> list[Redis]:
    """A client of each server that holds keys; where there are several, those are the primaries."""
    if redis_servers(url) is None:
        return [Redis.from_url(url, decode_responses=text, socket_timeout=2)]
    client = connect(url)
    found = {client.at(str(n)) for n in range(SAMPLES)}  # every slot range holds one of them
    places = [one.connection_pool.connection_kwargs for one in found]
    client.close()
    return [
        Redis(host=at["host"], port=at["port"], decode_responses=text, socket_timeout=2)
        for at in sorted(places, key=lambda at: at["port"])
    ]
