"""What one signed-in user costs in Redis, in bytes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import cast

from bench.filling import empty, queued, sign_in, store_on
from wxlogin.redisdb import keys
from wxlogin.redisdb.cluster import Server
from wxlogin.services import Services
from wxlogin.sessions import TokenRef

DEVICES = (1, 3, 12)
SESSION_KEY = "tiihtNczf5v6AKRyjwEUhQ=="  # of WeChat's form, and nobody's
KINDS = {"s": "sessions", "i": "index", "k": "session_key", "l": "counters"}
AT_ONCE = 1000


@dataclass(frozen=True)
class Bytes:
    """Bytes of a user on so many devices: by kind of key, of all keys, and what Redis grew by."""

    devices: int
    by_kind: dict[str, float]
    keys: float
    grown: float


def measure(redis: Server, services: Services, users: int) -> list[Bytes]:
    """Sign users in, let each make one call, and weigh every key that this leaves."""
    return [_measured(redis, services, users, devices) for devices in DEVICES]


def _measured(redis: Server, services: Services, users: int, devices: int) -> Bytes:
    empty(redis)
    before = _used(redis)
    with queued(redis) as scripts:
        everybody = [sign_in(store_on(scripts), devices) for _ in range(users)]
    for refs in everybody:
        _call(services, refs[0])
    grown = (_used(redis) - before) / users
    weighed = _by_kind(redis)
    by_kind = {KINDS[letter]: size / users for letter, size in sorted(weighed.items())}
    return Bytes(devices, by_kind, sum(by_kind.values()), grown)


def _call(services: Services, ref: TokenRef) -> None:
    """What else a login and an authenticated call leave of their user."""
    own = services.limits.rates.windows(ref.owner, "login_openid")
    services.sessions.keys.save(ref.owner, SESSION_KEY, 1, windows=own)
    services.sessions.store.get(ref, services.limits.rates.windows(ref.owner, "api_openid"))


def _by_kind(redis: Server) -> Counter[str]:
    """The bytes of the users' keys by the letter that follows the public id."""
    names = list(redis.scan_iter(match=f"{keys.ROOT}{{*", count=AT_ONCE))
    weighed: Counter[str] = Counter()
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        with redis.pipeline(transaction=False) as pipe:
            for name in some:
                pipe.memory_usage(name, samples=0)
            for name, size in zip(some, pipe.execute(), strict=True):
                weighed[_kind(name)] += size
    return weighed


def _kind(name: bytes) -> str:
    found = re.search(rb"\}:([a-z])", name)
    assert found, name
    return found[1].decode()


def _used(redis: Server) -> int:
    return int(cast("dict[str, int]", redis.info("memory"))["used_memory"])
