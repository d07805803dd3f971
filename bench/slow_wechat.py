"""Logins of one worker while WeChat takes 100 ms, beside a bare view that asks WeChat the same.

The view has the same worker and the same HTTP library, and answers whatever WeChat says: what a
worker can do at most. What a login does besides shows as the ratio of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from bench.contestants import gunicorn
from bench.other_calls import FIRST_GUESS, Call, turn
from bench.servers import Server
from bench.site import APPID, Site
from bench.throughput import FIRST_PORT, Length, Turn
from wxlogin.development.address import first_free
from wxlogin.sandbox import Fault
from wxlogin.sandbox.wire import CODE2SESSION

DELAY = Fault(delay=0.1)
CONNECTIONS = (1, 8, 32)
AT_ONCE = 1000
"""The most calls that the sandbox delays by one order."""


@dataclass(frozen=True)
class Row:
    """So many connections: medians over the rounds, of the view and of wxlogin."""

    connections: int
    bare_per_second: float
    per_second: float
    ratio: float
    bare_p50_ms: float
    p50_ms: float
    bare_cpu_us: float
    cpu_us: float
    refused: float


def measure(site: Site, length: Length) -> list[Row]:
    """The table's rows."""
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(_server(site, name, app, environment))
            for name, app, environment in (
                ("bare", "bench.apps.asking_wechat:app", _asking(site)),
                ("wxlogin", "wsgi:app", site.environment),
            )
        }
        for server in servers.values():
            _turn(site, server, length.warm_up, CONNECTIONS[-1])
        return [_row(site, servers, length, connections) for connections in CONNECTIONS]


def _row(site: Site, servers: Mapping[str, Server], length: Length, connections: int) -> Row:
    pairs = []
    for number in range(length.rounds):
        bare, own = (
            _turn(site, servers[name], length.seconds, connections) for name in ("bare", "wxlogin")
        )
        pairs.append((bare, own))
        speeds = f"{own.per_second:.0f} logins/s, bare {bare.per_second:.0f}/s"
        print(f"  round {number + 1}: {connections:2} connections, {speeds}", flush=True)
    bare_turns, turns = zip(*pairs, strict=True)
    return Row(
        connections,
        median(one.per_second for one in bare_turns),
        median(one.per_second for one in turns),
        median(own.per_second / bare.per_second for bare, own in pairs),
        median(one.p50_ms for one in bare_turns),
        median(one.p50_ms for one in turns),
        median(one.server_cpu_us for one in bare_turns),
        median(one.server_cpu_us for one in turns),
        sum(one.refused for one in (*bare_turns, *turns)),
    )


def _turn(site: Site, server: Server, seconds: int, connections: int) -> Turn:
    for _ in range(int(2 * FIRST_GUESS * seconds) // AT_ONCE + 1):
        site.wechat.faults.queue(CODE2SESSION, DELAY, AT_ONCE)
    logins = Call("a login", site.callers.logins)
    found = turn(site, server, logins, seconds, FIRST_GUESS, connections)
    site.wechat.faults.clear()
    return found


def _server(site: Site, name: str, app: str, environment: Mapping[str, str]) -> Server:
    port = first_free(FIRST_PORT).port
    command = gunicorn(app, workers=1)(port)
    return Server(command, port, environment, site.directory / f"one-{name}.log")


def _asking(site: Site) -> dict[str, str]:
    secret = site.wechat.world.secret_of(APPID) or ""
    return {
        "BENCH_API_BASE": site.wechat.base,
        "BENCH_APPID": APPID,
        "BENCH_SECRET": secret,
    }
