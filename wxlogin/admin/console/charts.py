"""Bar charts as SVG that needs no script and no style: only where each bar stands and how high."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH, HEIGHT = 10, 100
"""Of a bar's column, in the drawing's own units; the page stretches the drawing."""
GAP = 2
LEAST = 2
"""How high the smallest bar stands: one of thousands must still be seen."""


@dataclass(frozen=True)
class Bar:
    """One span of time: when it begins, how many, and the rectangle that says so."""

    at: datetime
    count: int
    x: int
    y: float
    width: int
    height: float


@dataclass(frozen=True)
class Chart:
    """A drawing `width` by `height`; `top` is what its upper edge stands for."""

    bars: tuple[Bar, ...]
    top: int
    total: int
    width: int
    height: int = HEIGHT


def chart(points: Sequence[tuple[datetime, int]]) -> Chart:
    """The chart of counts over time, in their order."""
    counts = [count for _, count in points]
    top = round_up(max(counts, default=0))
    bars = tuple(_bar(place, at, count, top) for place, (at, count) in enumerate(points))
    return Chart(bars, top, sum(counts), max(1, len(bars)) * WIDTH)


def round_up(most: int) -> int:
    """The next round number: 1, 2 or 5 with zeros behind."""
    if most <= 1:
        return 1
    power: int = 10 ** int(math.log10(most))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= most)


def _bar(place: int, at: datetime, count: int, top: int) -> Bar:
    height = round(max(LEAST, HEIGHT * count / top), 1) if count else 0
    return Bar(at, count, place * WIDTH + GAP // 2, round(HEIGHT - height, 1), WIDTH - GAP, height)
