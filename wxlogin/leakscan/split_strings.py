"""Strings that stand in pieces: `"5b0d" + "1f3c"`, `["5b0d", "1f3c"].join("")`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

PIECE = rb"[\"'`][A-Za-z0-9+/=_\-]{1,42}[\"'`]"
# `"a" + "b"`, PHP's `"a" . "b"`, and `x += "a"; x += "b"`.
PLUS = rb"\s{0,40}(?:[+.]|;?\s{0,40}[\w.]{1,32}\s{0,8}\+=)\s{0,40}"
ADDED = re.compile(PIECE + rb"(?:" + PLUS + PIECE + rb"){1,64}")
# A comma joins within an array alone; elsewhere, as in a log of JSON, it parts names and values.
LISTED = re.compile(
    rb"\[(?P<pieces>\s{0,40}" + PIECE + rb"(?:\s{0,40},\s{0,40}" + PIECE + rb"){1,64})"
)
BETWEEN = re.compile(rb"[\"'`](?:" + PLUS + rb"|\s*,\s*)[\"'`]")
JOIN = re.compile(rb"[\s,]{0,40}\]\s{0,40}\.\s{0,40}join\b")
BEFORE = 96
"""How many bytes before the first piece are kept, for the name that it is assigned to."""
SHORTEST = 15
LONGEST = 256


class Joined(NamedTuple):
    """A string put together: `text[first:]`, behind what stands before its first piece.

    `start` and `end` are the offsets of its pieces. `certain` is False for a list of strings that
    nothing joins as far as can be seen.
    """

    text: bytes
    first: int
    start: int
    end: int
    certain: bool


def joined_strings(data: bytes) -> Iterator[Joined]:
    """Yield each string that is written in pieces, joined, if it is as long as a secret."""
    for added in ADDED.finditer(data):
        yield from _joined(data, *added.span(), certain=True)
    for listed in LISTED.finditer(data):
        certain = JOIN.match(data, listed.end()) is not None
        yield from _joined(data, *listed.span("pieces"), certain=certain)


def _joined(data: bytes, start: int, end: int, *, certain: bool) -> Iterator[Joined]:
    whole = BETWEEN.sub(b"", data[start:end].lstrip())
    if SHORTEST <= len(whole) - 2 <= LONGEST:
        before = data[max(start - BEFORE, 0) : start]
        yield Joined(before + whole, len(before), start, end, certain)
