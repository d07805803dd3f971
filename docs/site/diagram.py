"""Draws a sequence diagram of mermaid's as SVG: the site loads no script from elsewhere."""

from __future__ import annotations

import re
from html import escape
from typing import NamedTuple

BLOCK = re.compile(r"^```mermaid\nsequenceDiagram\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PARTICIPANT = re.compile(r"participant (\w+) as (.+)")
MESSAGE = re.compile(r"(\w+)(--?>>)(\w+): (.+)")
COLUMN, TOP, STEP = 210, 62, 40


class Message(NamedTuple):
    """An arrow: from and to which column, whether it is an answer, and what stands above it."""

    start: int
    end: int
    dashed: bool
    text: str


def with_diagrams(text: str) -> str:
    """Return a page's text with each sequence diagram drawn."""
    return BLOCK.sub(lambda block: draw(block[1]), text)


def draw(source: str) -> str:
    """Return a diagram as HTML, in the colour of the text around it."""
    names = dict(PARTICIPANT.findall(source))
    columns = list(names)
    messages = [
        Message(columns.index(start), columns.index(end), arrow == "-->>", said)
        for start, arrow, end, said in MESSAGE.findall(source)
    ]
    width, height = COLUMN * len(columns), TOP + STEP * len(messages) + 20
    parts = [
        *(_column(number, name, height) for number, name in enumerate(names.values())),
        *(_message(one, TOP + STEP * (row + 1) - 12) for row, one in enumerate(messages)),
    ]
    said = escape("; ".join(f"{one.text}" for one in messages))
    return (
        f'<div class="diagram"><svg viewBox="0 0 {width} {height}" role="img" aria-label="{said}" '
        f'font-size="13" fill="currentColor" stroke="none">{"".join(parts)}</svg></div>'
    )


def _column(number: int, name: str, height: int) -> str:
    middle = _middle(number)
    return (
        f'<rect x="{middle - 80}" y="8" width="160" height="34" rx="6" fill="none" '
        f'stroke="currentColor"/><text x="{middle}" y="30" text-anchor="middle" '
        f'font-weight="bold">{escape(name)}</text><line x1="{middle}" y1="42" x2="{middle}" '
        f'y2="{height - 6}" stroke="currentColor" stroke-opacity="0.35"/>'
    )


def _message(one: Message, y: int) -> str:
    start, end = _middle(one.start), _middle(one.end)
    dash = ' stroke-dasharray="5 4"' if one.dashed else ""
    if one.start == one.end:
        line = f"M{start} {y}h26v14h-20"
        said = _text(start + 34, y + 12, one.text, "start")
        return f"{_line(line, dash)}{_head(start + 3, y + 14, -1)}{said}"
    way = 1 if end > start else -1
    return (
        f"{_line(f'M{start} {y}H{end - 7 * way}', dash)}{_head(end, y, way)}"
        f"{_text((start + end) // 2, y - 6, one.text, 'middle')}"
    )


def _line(path: str, dash: str) -> str:
    return f'<path d="{path}" fill="none" stroke="currentColor"{dash}/>'


def _head(x: int, y: int, way: int) -> str:
    return f'<path d="M{x} {y}l{-8 * way} -4v8z"/>'


def _text(x: int, y: int, said: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(said)}</text>'


def _middle(number: int) -> int:
    return COLUMN * number + COLUMN // 2
