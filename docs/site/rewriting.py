"""Turns a page as the hosts of repositories read it into one that MkDocs reads alike."""

from __future__ import annotations

import re
from collections.abc import Callable

FENCE = re.compile(r"^ *```")
ITEM = re.compile(r"^ *(?:[-*+]|\d+\.) +(?=\S)")
HEADING = re.compile(r"^#+ (.+)$")
# Between two characters of Chinese; behind the break there begins no list, table, heading or quote.
BREAK = re.compile(r"(?<=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef])\n *(?=[\u4e00-\u9fff“（])")
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")


def with_deep_lists(text: str) -> str:
    """Return the text with what belongs to an item of a list indented by four, as it wants it."""
    lines: list[str] = []
    inside: list[int] = []
    in_fence = False
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip())
        item = None if in_fence else ITEM.match(line)
        if line.strip() and not in_fence:
            while inside and indent < inside[-1]:
                inside.pop()
            if item and lines and lines[-1].strip() and not inside and not ITEM.match(lines[-1]):
                lines += [""] if not lines[-1].startswith(" ") else []
        taken = inside[-1] if inside else 0
        shift = " " * (4 * len(inside) - taken)
        lines.append((shift + line if taken <= indent else line) if line.strip() else line)
        if item:
            inside.append(len(item[0]))
        if FENCE.match(line):
            in_fence = not in_fence
    return "\n".join(lines)


def with_joined_chinese(text: str) -> str:
    """Return the text without line breaks inside a Chinese sentence: they would show as spaces."""
    parts = re.split(r"(^ *```.*?^ *```)", text, flags=re.DOTALL | re.MULTILINE)
    return "".join(part if "```" in part else BREAK.sub("", part) for part in parts)


def with_links(text: str, lead: Callable[[str, str], str]) -> str:
    """Return the text with each link outside of fences replaced by what `lead` makes of it."""
    in_fence = False
    lines = []
    for line in text.split("\n"):
        if FENCE.match(line):
            in_fence = not in_fence
        lines.append(line if in_fence else LINK.sub(lambda link: lead(link[1], link[2]), line))
    return "\n".join(lines)


def anchors(text: str) -> list[str]:
    """Return what a link may name behind `#` in a page: its headings, in their order."""
    in_fence = False
    found = []
    for line in text.split("\n"):
        if FENCE.match(line):
            in_fence = not in_fence
        elif not in_fence and (heading := HEADING.match(line)):
            found.append(re.sub(r"[^\w -]", "", heading[1]).lower().replace(" ", "-"))
    return found


def counterpart(anchor: str, here: str, there: str) -> str:
    """Return the anchor in one text for that of its twin, whose headings have the same order."""
    ours, theirs = anchors(here), anchors(there)
    if anchor in ours or anchor not in theirs or len(ours) != len(theirs):
        return anchor
    return ours[theirs.index(anchor)]
