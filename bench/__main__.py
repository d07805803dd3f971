"""The bench: throughput side by side, what a user costs in Redis, the store's calls at size.

    make bench                   about six minutes; prints tables, keeps them in bench/results/
    make bench ARGS=--quick      about one minute
    make bench ARGS=--publish    puts them into docs/performance.md as well
    make bench ARGS="--compare REV"    measures wxlogin beside another revision of it, and no more

It is no test: it measures and judges nothing. Everything listens on loopback and ends with it.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench import calls, memory, report, throughput
from bench.compare import compare
from bench.contestants import Wxlogin
from bench.throughput import Length
from wxlogin.development.valkey import ValkeyServer
from wxlogin.redisdb.cluster import Server

FULL = Length(rounds=5, seconds=8, warm_up=3, users=2_000, repeats=2_000)
QUICK = Length(rounds=2, seconds=2, warm_up=1, users=500, repeats=500)
SIZES = (6_000, 100_000)  # sessions in the store


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure wxlogin.")
    parser.add_argument("--quick", action="store_true", help="about one minute; rough")
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
    """Measure everything on one Valkey."""
    (directory / "valkey").mkdir()
    with ValkeyServer(directory / "valkey", port=0) as valkey, Server.from_url(valkey.url) as redis:
        rows = throughput.measure(valkey.url, directory, length)
        services = Wxlogin(valkey.url, directory).services()
        weights = memory.measure(redis, services, length.users)
        services.redis.close()
        times = calls.measure(redis, valkey.url, SIZES, length.repeats)
    return report.Findings(report.moment(), report.machine(), length, rows, weights, times)


if __name__ == "__main__":
    main()
