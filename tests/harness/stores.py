"""A look into Redis past the app, whatever its shape."""

from __future__ import annotations

from redis import Redis

from wxlogin.redisdb import connect
from wxlogin.settings.values import redis_servers

SAMPLES = 64
ADMINISTRATORS: dict[str, str] = {}
"""By the URL of a user who may not look around: that of one who may."""


def servers(url: str, *, text: bool = True) -> list[Redis]:
    """A client of each server that holds keys; where there are several, those are the primaries."""
    how = {"decode_responses": text, "socket_timeout": 2, "protocol": 2, "driver_info": None}
    url = ADMINISTRATORS.get(url, url)
    found = redis_servers(url)
    if found is None:
        return [Redis.from_url(url, **how)]
    client = connect(url)
    primaries = {
        client.server_for(str(n)) for n in range(SAMPLES)
    }  # every slot range holds one of them
    places = [one.connection_pool.connection_kwargs for one in primaries]
    client.close()
    how |= found.signing_in | ({} if found.tls is None else {"ssl": True, **found.tls})
    return [
        Redis(host=at["host"], port=at["port"], **how)
        for at in sorted(places, key=lambda at: at["port"])
    ]
