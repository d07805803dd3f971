"""The bench: throughput side by side, the other calls, a user's bytes in Redis, the store's calls.

    make bench                   about ten minutes; prints tables, keeps them in bench/results/
    make bench ARGS=--quick      about two minutes
    make bench ARGS=--publish    puts them into docs/performance.md as well
    make bench ARGS="--compare REV"    measures wxlogin beside another revision of it, and no more

It is no test: it measures and judges nothing. Everything listens on loopback and ends with it.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from bench import calls, memory, other_calls, report, slow_wechat, throughput
from bench.compare import compare
from bench.contestants import Wxlogin
from bench.site import site
from bench.throughput import Length
from wxlogin.development.valkey import ValkeyServer
from wxlogin.redisdb.cluster import Server

FULL = Length(rounds=5, seconds=8, warm_up=3, users=2_000, repeats=2_000)
QUICK = Length(rounds=2, seconds=2, warm_up=1, users=500, repeats=500)
SIZES = (6_000, 100_000)  # sessions in the store


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure wxlogin.")
    parser.add_argument("--quick", action="store_true", help="about two minutes; rough")
    parser.add_argument("--publish", action="store_true", help="write docs/performance.md and .svg")
    parser.add_argument("--name", default="last", help="write bench/results/NAME.json")
    parser.add_argument("--compare", metavar="REV", help="measure beside this revision alone")
    given = parser.parse_args()
    length = QUICK if given.quick else FULL
    with tempfile.TemporaryDirectory(prefix="wxlogin-bench-") as name:
        if given.compare:
            _compare(Path(name), given.compare, length)
            return
        found = run(Path(name), length)
    print(f"\n{report.text(found)}")
    print(f"Kept in {report.save(given.name, found)}")
    if given.publish:
        report.publish(found)


def _compare(directory: Path, revision: str, length: Length) -> None:
    (directory / "valkey").mkdir()
    with ValkeyServer(directory / "valkey", port=0) as valkey:
        compare(valkey.url, directory, revision, length)


def run(directory: Path, length: Length) -> report.Findings:
    """Measure everything, most of it on one Valkey."""
    (directory / "valkey").mkdir()
    with ValkeyServer(directory / "valkey", port=0) as valkey, Server.from_url(valkey.url) as redis:
        rows = throughput.measure(valkey.url, directory, length)
        services = Wxlogin(valkey.url, directory).services()
        weights = memory.measure(redis, services, length.users)
        services.redis.close()
        times = calls.measure(redis, valkey.url, SIZES, length.repeats)
    rounds, seconds = min(length.rounds, 3), max(length.seconds // 2, 2)
    shorter = replace(length, rounds=rounds, seconds=seconds)  # there are many rows
    with site(directory / "others") as others:
        database = others.database
        beside = other_calls.measure(others, shorter)
        slow = slow_wechat.measure(others, shorter)
    return report.Findings(
        when=report.moment(),
        machine=report.machine(),
        length=length,
        throughput=rows,
        database=database,
        other_calls=beside,
        slow_wechat=slow,
        memory=weights,
        calls=times,
    )


if __name__ == "__main__":
    main()
