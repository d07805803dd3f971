"""A bar chart as SVG, written by hand: a plotting library would bring ten packages for six bars."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

WIDTH, LABELS, BAR, GAP, TOP, RIGHT = 860, 330, 26, 14, 52, 130


class Bar(NamedTuple):
    """One bar: its label, its length, the text at its end; `ours` gets the colour."""

    label: str
    value: float
    text: str
    ours: bool


def bars(title: str, subtitle: str, rows: Sequence[Bar]) -> str:
    """The chart; the longest bar takes the whole width."""
    longest = max(row.value for row in rows)
    height = TOP + len(rows) * (BAR + GAP) + GAP
    size = f'width="{WIDTH}" height="{height}"'
    font = 'font-family="sans-serif" font-size="14"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" {size} {font}>',
        f"<title>{escape(title)}</title>",
        f'<rect {size} fill="#ffffff"/>',
        f'<text x="16" y="22" font-size="16" font-weight="bold">{escape(title)}</text>',
        f'<text x="16" y="42" font-size="12" fill="#57606a">{escape(subtitle)}</text>',
    ]
    for number, row in enumerate(rows):
        lines += _bar(row, TOP + GAP + number * (BAR + GAP), row.value / longest)
    return "\n".join([*lines, "</svg>", ""])


def _bar(row: Bar, y: int, part: float) -> list[str]:
    length = round(part * (WIDTH - LABELS - RIGHT), 1)
    middle = y + BAR / 2 + 5
    colour = "#1a7f37" if row.ours else "#8c959f"
    return [
        f'<text x="{LABELS - 10}" y="{middle}" text-anchor="end">{escape(row.label)}</text>',
        f'<rect x="{LABELS}" y="{y}" width="{length}" height="{BAR}" fill="{colour}"/>',
        f'<text x="{LABELS + length + 8}" y="{middle}">{escape(row.text)}</text>',
    ]
