"""What the watch adds to an authenticated request; `python -m bench.profile` runs and prints it.

Metrics are shared as among gunicorn's workers. The recorder is not called where nothing happened.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from unittest.mock import patch

from bench.in_process import answering, cheapest, environ
from wxlogin import metrics
from wxlogin.guard import response_hooks

TURNS = 6


class NoNumber:
    """In place of a number that is not kept."""

    def __init__(self, *_: object) -> None:
        pass

    def observe(self, _seconds: float) -> None:
        """Keep nothing."""


@contextmanager
def unwatched() -> Iterator[None]:
    """Count no request, and time no round trip to Redis."""
    with (
        patch.object(response_hooks, "measure", NoNumber),
        patch.object(metrics, "redis", NoNumber),
    ):
        yield


def added(redis_url: str, directory: Path, path: str, requests: int) -> tuple[float, float]:
    """Microseconds of CPU a request, without the watch and with it: the least of several turns."""
    least = {"off": float("inf"), "on": float("inf")}
    with answering(redis_url, directory) as (app, authorization):
        given = environ(path, authorization)
        for _ in range(TURNS):
            for watch, manner in (("off", unwatched), ("on", nullcontext)):
                with manner():
                    least[watch] = min(least[watch], cheapest(app, given, requests // TURNS).cpu)
    return least["off"], least["on"]


def main() -> None:
    """Print it."""
    parser = argparse.ArgumentParser(description="What the watch adds to a request.")
    parser.add_argument("redis_url")
    parser.add_argument("directory", type=Path)
    parser.add_argument("path")
    parser.add_argument("requests", type=int)
    given = parser.parse_args()
    off, on = added(given.redis_url, given.directory, given.path, given.requests)
    print("\nCPU microseconds a request, metrics and recorder")
    print(f"  off {off:.0f}, on {on:.0f}: they add {on - off:.1f}")


if __name__ == "__main__":
    main()
