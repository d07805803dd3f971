"""Charts of the console: where the bars stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxlogin.admin.console.charts import HEIGHT, LEAST, chart, round_up

START = datetime(2026, 1, 1, tzinfo=UTC)
COUNTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=31)


def points(counts: list[int]) -> list[tuple[datetime, int]]:
    """One count an hour."""
    return [(START + timedelta(hours=hour), count) for hour, count in enumerate(counts)]


@pytest.mark.parametrize(
    ("most", "top"), [(0, 1), (1, 1), (2, 2), (3, 5), (5, 5), (6, 10), (11, 20), (999, 1000)]
)
def test_the_scale_ends_at_the_next_round_number(most: int, top: int) -> None:
    assert round_up(most) == top


@given(COUNTS)
def test_bars_stay_in_the_drawing_and_do_not_touch(counts: list[int]) -> None:
    drawn = chart(points(counts))
    assert len(drawn.bars) == len(counts)
    assert all(0 <= bar.y <= HEIGHT and bar.y + bar.height <= HEIGHT + 0.1 for bar in drawn.bars)
    edges = [edge for bar in drawn.bars for edge in (bar.x, bar.x + bar.width)]
    assert edges == sorted(set(edges))
    assert edges[-1] <= drawn.width


def test_one_among_thousands_is_seen_and_none_is_not() -> None:
    none, one, many = chart(points([0, 1, 9000])).bars
    assert (none.height, one.height, many.height) == (0, LEAST, 90)


def test_the_total_is_the_sum() -> None:
    assert chart(points([1, 2, 3])).total == 6
