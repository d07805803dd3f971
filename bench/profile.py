"""Where the CPU time of one authenticated request goes, in this process, without a server.

    python -m bench.profile [--path /v1/session] [--requests N]

A real Valkey answers. The profiler itself costs time, so that the shares count and not the sums;
the first table is measured without it.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from bench.apps.bare import app as bare
from bench.in_process import Cost, answer, answering, cheapest, environ
from wxlogin.development.valkey import ValkeyServer

SHOWN = 24
STAGES = {
    "_authorize",
    "wsgi_app",
    "preprocess_request",
    "dispatch_request",
    "process_response",
    "do_teardown_request",
}
PACKAGES = (
    "wxlogin",
    "redis",
    "flask_limiter",
    "flask_openapi",
    "flask",
    "werkzeug",
    "structlog",
    "logging",
    "ipaddress",
    "json",
    "itsdangerous",
)
SOCKET = "the socket: send and receive"
OTHER = "the rest of the standard library"

Function = tuple[str, int, str]


class Profiled(NamedTuple):
    """What one path costs, and the shares of it: by package, and by what Flask calls on the way."""

    costs: dict[str, Cost]
    packages: list[tuple[str, float]]
    steps: list[tuple[str, float]]


def profiled(redis_url: str, directory: Path, path: str, requests: int) -> Profiled:
    """Measure bare Flask and wxlogin, then profile wxlogin."""
    with answering(redis_url, directory) as (app, authorization):
        given = environ(path, authorization)
        costs = {
            "bare Flask": cheapest(bare, environ("/me", authorization), requests),
            f"wxlogin GET {path}": cheapest(app, given, requests),
        }
        profile = cProfile.Profile()
        profile.runcall(answer, app, given, requests)
    stats: dict[Function, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    return Profiled(costs, _by_package(stats), _by_step(stats))


def show(found: Profiled) -> None:
    """Print it."""
    print("\nmicroseconds a request        wall    CPU")
    for name, cost in found.costs.items():
        print(f"  {name:26} {cost.wall:6.0f} {cost.cpu:6.0f}")
    print("\nshare of the CPU, by package")
    _print(found.packages)
    print("\nshare of the CPU, by step, with what it calls")
    _print(found.steps)


def _print(shares: Iterable[tuple[str, float]]) -> None:
    for name, share in shares:
        print(f"  {share:5.1%}  {name}")


def _by_package(stats: dict[Function, Any]) -> list[tuple[str, float]]:
    """Every function's own time, a builtin's with its caller's package."""
    own: Counter[str] = Counter()
    for function, (_, _, time_of, _, callers) in stats.items():
        if "_socket.socket" in function[2]:
            own[SOCKET] += time_of
        elif function[0] == "~":
            for caller, counted in callers.items():
                own[_package(caller)] += counted[2]
        else:
            own[_package(function)] += time_of
    whole = own.total()
    return [(name, spent / whole) for name, spent in own.most_common()]


def _by_step(stats: dict[Function, Any]) -> list[tuple[str, float]]:
    """The shares of what Flask or the fast path calls, each with all that it calls."""
    whole = sum(row[2] for row in stats.values())
    steps: list[tuple[str, float]] = []
    for function, (_, _, _, _, callers) in stats.items():
        for caller, counted in callers.items():
            if caller[2] in STAGES and _package(caller) in ("flask", "wxlogin"):
                steps.append((f"{caller[2]}: {_place(function)}", counted[3] / whole))
    return sorted(steps, key=lambda step: step[1], reverse=True)[:SHOWN]


def _package(function: Function) -> str:
    parts = Path(function[0]).with_suffix("").parts
    return next((name for name in PACKAGES if name in parts), OTHER)


def _place(function: Function) -> str:
    where = f"{_package(function)}/{Path(function[0]).name} " if function[0] != "~" else ""
    return f"{where}{function[2]}"


def main() -> None:
    """Profile one path and print where the time goes."""
    parser = argparse.ArgumentParser(description="Where the CPU time of a request goes.")
    parser.add_argument("--path", default="/v1/auth", choices=["/v1/auth", "/v1/session"])
    parser.add_argument("--requests", type=int, default=3000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wxlogin-bench-") as name:
        directory = Path(name)
        (directory / "valkey").mkdir()
        with ValkeyServer(directory / "valkey", port=0) as valkey:
            show(profiled(valkey.url, directory, given.path, given.requests))
            _show_watched(valkey.url, directory, given.path, given.requests)


def _show_watched(redis_url: str, directory: Path, path: str, requests: int) -> None:
    """Print what the watch adds, in a process whose numbers are shared as those of gunicorn's."""
    sys.stdout.flush()
    shared = directory / "metrics"
    shared.mkdir()
    subprocess.run(
        [sys.executable, "-m", "bench.watched", redis_url, str(directory), path, str(requests)],
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(shared)},
        check=True,
    )


if __name__ == "__main__":
    main()
