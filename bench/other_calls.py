"""The calls beside those of the first table: time, CPU, round trips to Redis, SQL statements.

Two workers as in production, and WeChat answers at once. wrk sends requests that were prepared
before. Round trips and statements are counted of single calls, in this process.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple, cast

from flask import Flask
from redis import Redis
from sqlalchemy import event

from bench.contestants import wxlogin_command
from bench.prepared import Callers, Prepare
from bench.servers import Server
from bench.site import Site
from bench.throughput import CONNECTIONS, FIRST_PORT, Length, Turn, send, summary, watched
from wxlogin.development.address import first_free
from wxlogin.extensions import db

SCRIPT = Path(__file__).with_name("wrk_prepared.lua")
SINGLE_CALLS = 15
FIRST_GUESS = 400.0
"""Requests a second, until it is known: how many have to be prepared."""


@dataclass(frozen=True)
class Row:
    """One call: medians over the rounds; round trips and SQL statements of one of them."""

    title: str
    per_second: float
    lowest: float
    highest: float
    p50_ms: float
    p99_ms: float
    server_cpu_us: float
    redis_cpu_us: float
    round_trips: float
    statements: float
    refused: float


class Call(NamedTuple):
    """A call, and what prepares requests of it."""

    title: str
    prepare: Prepare


def measure(site: Site, length: Length) -> list[Row]:
    """The table's rows."""
    calls = _calls(site.callers)
    counts = {call.title: _counted(site, call) for call in calls}
    turns: dict[str, list[Turn]] = {call.title: [] for call in calls}
    port, log = first_free(FIRST_PORT).port, site.directory / "wxlogin.log"
    with Server(wxlogin_command(port), port, site.environment, log) as server:
        rates = {call.title: _warm_up(site, server, call, length.warm_up) for call in calls}
        for number in range(length.rounds):
            for call in calls:
                found = turn(site, server, call, length.seconds, rates[call.title])
                turns[call.title].append(found)
                print(
                    f"  round {number + 1}: {call.title:36} {found.per_second:6.0f}/s", flush=True
                )
    return [_row(call.title, turns[call.title], *counts[call.title]) for call in calls]


def _calls(callers: Callers) -> list[Call]:
    return [
        Call("`POST /v1/login`", callers.logins),
        Call("`POST /v1/login`, a first login", callers.first_logins),
        Call("`POST /v1/decrypt`", callers.decryptions),
        Call("`POST /v1/introspect`", callers.introspections),
        Call("`POST /v1/scan`", callers.scans),
        Call("`POST /v1/scan/…/token`, waiting", callers.questions),
        Call("`POST /v1/scan/…/confirm`", callers.confirmations),
        Call("`POST /v1/scan/…/token`, confirmed", callers.fetches),
    ]


def _warm_up(site: Site, server: Server, call: Call, seconds: int) -> float:
    """Return how many requests a second to expect at least."""
    found = turn(site, server, call, seconds, FIRST_GUESS)
    return max(FIRST_GUESS, found.per_second)


def turn(
    site: Site,
    server: Server,
    call: Call,
    seconds: int,
    rate: float,
    connections: int = CONNECTIONS,
) -> Turn:
    """Send prepared requests for some seconds, of which there are twice as many as expected."""
    file = site.directory / "requests"
    requests = call.prepare(int(2 * rate * seconds))
    file.write_bytes(b"".join(request.raw() + b"\0" for request in requests))
    # What the call before has left to the background is not this one's.
    server.settle()
    return watched(
        call.title,
        server,
        site.redis,
        lambda: send(SCRIPT, server.url, file, seconds, connections),
    )


def _counted(site: Site, call: Call) -> tuple[float, float]:
    """Round trips and statements of one call: the median, as others come in between."""
    round_trips, statements = [], []
    requests = call.prepare(SINGLE_CALLS)
    for number in range(SINGLE_CALLS):
        with _statements(site.app) as found:
            before = _reads(site.redis)
            site.callers.answer(requests[number % len(requests)])
            round_trips.append(_reads(site.redis) - before - 1)  # its own
        statements.append(len(found))
    return median(round_trips), median(statements)


def _reads(redis: Redis) -> int:
    """How often Redis has read something: once a round trip, unless much is sent."""
    return int(cast("dict[str, int]", redis.info("stats"))["total_reads_processed"])


@contextmanager
def _statements(app: Flask) -> Iterator[list[str]]:
    """The statements of this thread."""
    found: list[str] = []
    mine = threading.get_ident()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if threading.get_ident() == mine:
            found.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def _row(title: str, turns: list[Turn], round_trips: float, statements: float) -> Row:
    return Row(title=title, round_trips=round_trips, statements=statements, **summary(turns))
