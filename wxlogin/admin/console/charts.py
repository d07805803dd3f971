"""Bar charts as SVG without script or style: the position and height of each bar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH, HEIGHT = 10, 100
"""The size of a bar's column, in the units of the drawing, which the page stretches."""
GAP = 2
LEAST = 2
"""The height of the smallest bar: one of thousands must still be visible."""


@dataclass(frozen=True)
class Bar:
    """One hour or day: when it begins, the count, and the rectangle that shows it."""

    at: datetime
    count: int
    x: int
    y: float
    width: int
    height: float


@dataclass(frozen=True)
class Chart:
    """A drawing of `width` by `height`; `top` is the count at its upper edge."""

    bars: tuple[Bar, ...]
    top: int
    total: int
    width: int
    height: int = HEIGHT


def chart(points: Sequence[tuple[datetime, int]]) -> Chart:
    """Return the chart of counts over time, in the given order."""
    counts = [count for _, count in points]
    top = round_up(max(counts, default=0))
    bars = tuple(_bar(place, at, count, top) for place, (at, count) in enumerate(points))
    return Chart(bars, top, sum(counts), max(1, len(bars)) * WIDTH)


def round_up(most: int) -> int:
    """Return the next round number: 1, 2 or 5, followed by zeros."""
    if most <= 1:
        return 1
    power: int = 10 ** int(math.log10(most))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= most)


def _bar(place: int, at: datetime, count: int, top: int) -> Bar:
    height = round(max(LEAST, HEIGHT * count / top), 1) if count else 0
    return Bar(at, count, place * WIDTH + GAP // 2, round(HEIGHT - height, 1), WIDTH - GAP, height)
