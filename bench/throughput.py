"""Requests a second, side by side: every contestant takes its turn in every round."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from redis import Redis

from bench.contestants import PROXY, Contestant, Wxlogin, contestants, recipes
from bench.servers import Server
from wxlogin.development.address import first_free

CONNECTIONS = 32
SCRIPT = Path(__file__).with_name("wrk.lua")
MODULES = Path(__file__).with_name("express") / "node_modules"
FIRST_PORT = 18_100
MEDIANS = ("per_second", "p50_ms", "p99_ms", "server_cpu_us", "redis_cpu_us")


@dataclass(frozen=True)
class Length:
    """How long a run takes: rounds, seconds of each turn and of warming up, users, repeats."""

    rounds: int
    seconds: int
    warm_up: int
    users: int = 0
    repeats: int = 0


@dataclass(frozen=True)
class Turn:
    """What one turn of a contestant gave; CPU in microseconds a request."""

    per_second: float
    p50_ms: float
    p99_ms: float
    server_cpu_us: float
    redis_cpu_us: float
    refused: float


@dataclass(frozen=True)
class Row:
    """One contestant: medians over the rounds; `ratio` is to bare Flask of the same round."""

    name: str
    title: str
    per_second: float
    ratio: float
    p50_ms: float
    p99_ms: float
    server_cpu_us: float
    redis_cpu_us: float
    refused: float
    lowest: float
    highest: float


def measure(redis_url: str, directory: Path, length: Length) -> list[Row]:
    """The table's rows; Express is left out where node or its packages are missing."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing. On Debian and Ubuntu: apt install wrk")
    express = shutil.which("node") is not None and MODULES.is_dir()
    if not express:
        print("Express is left out: it needs node and npm (see docs/performance.md).")
    wxlogin = Wxlogin(redis_url, directory)
    rows = contestants(wxlogin, express=express)
    turns: dict[str, list[Turn]] = {row.name: [] for row in rows}
    with _servers(redis_url, wxlogin, directory, express=express) as servers, ExitStack() as stack:
        redis = stack.enter_context(Redis.from_url(redis_url))
        for row in rows:
            prepare(row, servers[row.server], directory)
            wrk(row, servers[row.server], directory, length.warm_up)
        for number in range(length.rounds):
            for row in rows:
                found = turn(row, servers[row.server], redis, directory, length.seconds)
                turns[row.name].append(found)
                print(f"  round {number + 1}: {row.name:14} {found.per_second:8.0f}/s", flush=True)
    return [_row(row, turns[row.name], turns["bare"]) for row in rows]


@contextmanager
def _servers(
    redis_url: str, wxlogin: Wxlogin, directory: Path, *, express: bool
) -> Iterator[Mapping[str, Server]]:
    """All servers, running."""
    with ExitStack() as stack:
        running = {}
        for name, recipe in recipes(redis_url, wxlogin, express=express).items():
            port = first_free(FIRST_PORT).port
            log = directory / f"{name}.log"
            server = Server(recipe.command(port), port, recipe.environment, log)
            running[name] = stack.enter_context(server)
        yield running


def prepare(row: Contestant, server: Server, directory: Path) -> None:
    """Sign users in; see that their call is answered and, bare Flask aside, nobody else's."""
    headers = row.sign_in(server.url)
    _file(row, directory).write_text("".join(f"{one}\n" for one in headers), encoding="utf-8")
    name, _, value = headers[0].partition(": ")
    url = server.url + row.path
    own, nobody = status(url, {**PROXY, name: value}), status(url, PROXY)
    if own not in (200, 204) or (nobody != 401) != (row.name == "bare"):
        raise SystemExit(f"{row.name} answers {own}, and {nobody} to nobody")


def turn(row: Contestant, server: Server, redis: Redis, directory: Path, seconds: int) -> Turn:
    """Ask a server for some seconds; return what that gave."""
    return watched(row.name, server, redis, lambda: wrk(row, server, directory, seconds))


def watched(name: str, server: Server, redis: Redis, run: Callable[[], dict[str, float]]) -> Turn:
    """Run wrk once; return what that gave."""
    cpu, stored = server.cpu_seconds(), redis_cpu(redis)
    said = run()
    if said["lost"]:
        raise SystemExit(f"{name} lost {said['lost']:.0f} requests")
    each = 1e6 / max(1.0, said["requests"])
    return Turn(
        per_second=said["requests"] / said["seconds"],
        p50_ms=said["p50_us"] / 1000,
        p99_ms=said["p99_us"] / 1000,
        server_cpu_us=(server.cpu_seconds() - cpu) * each,
        redis_cpu_us=(redis_cpu(redis) - stored) * each,
        refused=said["refused"],
    )


def wrk(row: Contestant, server: Server, directory: Path, seconds: int) -> dict[str, float]:
    """Load a server for some seconds; return what wrk.lua says of it."""
    return send(SCRIPT, f"{server.url}{row.path}", _file(row, directory), seconds)


def send(
    script: Path, url: str, file: Path, seconds: int, connections: int = CONNECTIONS
) -> dict[str, float]:
    """Send for some seconds what a script of wrk makes of a file; return what wrk.lua says."""
    size = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency"]
    done = subprocess.run(
        ["wrk", *size, "-s", str(script), url, "--", str(file)],
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + 30,
    )
    said: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return said


def _row(row: Contestant, turns: list[Turn], bare: list[Turn]) -> Row:
    pairs = zip(turns, bare, strict=True)
    ratio = median(own.per_second / least.per_second for own, least in pairs)
    return Row(name=row.name, title=row.title, ratio=ratio, **summary(turns))


def summary(turns: Sequence[Turn]) -> dict[str, float]:
    """Return the columns of all tables: medians, the lowest and highest speed, refusals in all."""
    speeds = [turn.per_second for turn in turns]
    return {
        **{name: median(asdict(turn)[name] for turn in turns) for name in MEDIANS},
        "lowest": min(speeds),
        "highest": max(speeds),
        "refused": sum(turn.refused for turn in turns),
    }


def _file(row: Contestant, directory: Path) -> Path:
    return directory / f"{row.name}.headers"


def status(url: str, headers: Mapping[str, str], context: ssl.SSLContext | None = None) -> int:
    """Return the status of one call."""
    request = urllib.request.Request(url, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        refused.close()
        return int(refused.code)


def redis_cpu(redis: Redis) -> float:
    """The seconds of CPU, user and system, that a Redis has taken."""
    used = redis.info("cpu")
    return float(used["used_cpu_user"]) + float(used["used_cpu_sys"])
