"""How long the store's calls take with few and with many sessions in Redis."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles

from bench.contestants import DRAFT
from bench.filling import TOKENS, empty, fill, store_on
from wxlogin.redisdb import Scripts, keys
from wxlogin.redisdb.cluster import Server
from wxlogin.redisdb.connection import connect
from wxlogin.sessions import SessionStore, TokenRef
from wxlogin.sessions.tokens import new_public_id
from wxlogin.wiring import SCRIPT_FOLDERS

DEVICES = 3
Users = list[list[TokenRef]]


@dataclass(frozen=True)
class Times:
    """One call: microseconds, median and 99th percentile, with so many sessions in the store."""

    call: str
    sessions: int
    median_us: float
    p99_us: float


def measure(redis: Server, url: str, sizes: tuple[int, ...], repeats: int) -> list[Times]:
    """Time every call at every size; each size starts from an empty store."""
    client = connect(url)
    store = store_on(Scripts(client, SCRIPT_FOLDERS))
    found = []
    for size in sizes:
        empty(redis)
        users = fill(redis, size, DEVICES)
        random.Random(size).shuffle(users)
        for name, call in _calls(store, client, users).items():
            taken = _timed(call, repeats)
            p99 = quantiles(taken, n=100)[98]
            found.append(Times(name, size, median(taken), p99))
    client.close()
    return found


def _calls(store: SessionStore, client: Server, users: Users) -> dict[str, Callable[[int], object]]:
    """The calls by name; each gets its number, and so a user of its own."""

    def of(number: int) -> list[TokenRef]:
        return users[number % len(users)]

    def end_one(number: int) -> None:
        assert store.end(of(number)[0].owner, "one", of(number)[0].sid) == 1

    def end_all(number: int) -> None:
        assert store.end(of(number)[0].owner, "all", "") == DEVICES - 1

    return {
        "read a session": lambda n: store.get(of(n)[0]),
        "sign in": lambda _: store.create(TOKENS.mint(new_public_id())[1], DRAFT, None),
        "list a user's sessions": lambda n: store.list(of(n)[0].owner),
        "count a user's sessions": lambda n: client.zcard(keys.index(of(n)[0].owner)),
        "end one": end_one,
        "end all of a user": end_all,
    }


def _timed(call: Callable[[int], object], repeats: int) -> list[float]:
    """Return the microseconds of each call, without garbage collection in between."""
    gc.collect()
    gc.disable()
    taken = []
    for number in range(repeats):
        began = time.perf_counter_ns()
        call(number)
        taken.append((time.perf_counter_ns() - began) / 1000)
    gc.enable()
    return taken
