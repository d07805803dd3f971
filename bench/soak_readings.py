"""What a server's processes hold: memory, descriptors, and connections to Redis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

PARTS = 4
"""Of the time, each with its own row."""


class Reading(NamedTuple):
    """Of the workers together: resident MB and descriptors; clients of Redis, answers so far."""

    seconds: float
    workers: int
    megabytes: float
    descriptors: int
    clients: int
    answers: int


def read(workers: Iterable[int], clients: int, seconds: float, answers: int) -> Reading:
    """Return what these processes hold now."""
    known = list(workers)
    descriptors = sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in known)
    memory = sum(map(_resident, known))
    return Reading(round(seconds), len(known), round(memory, 1), descriptors, clients, answers)


def print_readings(readings: Sequence[Reading]) -> None:
    """Print the least and the most of each part of the time."""
    print("\n| minutes | MB of the workers | descriptors | clients of Redis | answers |")
    print("| --- | ---: | ---: | ---: | ---: |")
    step = max(1, -(-len(readings) // PARTS))
    for start in range(0, len(readings), step):
        some = readings[start : start + step]
        until = f"{some[0].seconds / 60:.0f}-{some[-1].seconds / 60:.0f}"
        spans = (
            _span([getattr(one, name) for one in some])
            for name in ("megabytes", "descriptors", "clients")
        )
        print(f"| {until} | {' | '.join(spans)} | {some[-1].answers:,} |")


def _span(values: Sequence[float]) -> str:
    least, most = min(values), max(values)
    return f"{least:.0f}" if least == most else f"{least:.0f}-{most:.0f}"


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
