"""Turning the pages of a list: to the first, back to newer ones, on to older ones.

A list reads on from a position. The way to a page, which is the positions before it, stands in its
URL, signed as a cursor is.
"""

from __future__ import annotations

import json
from typing import Any

from flask import request

from wxlogin.guard.cursors import read_position, sign_position

WAY = "way"
LONGEST_WAY = 12
"""Pages that one can turn back one by one; before them there is the first."""
LONGEST_URL = 700
"""Characters of a way: a page's URL stays below the bound of those that one may return to."""
SIZES = (50, 100, 200)

Turns = dict[str, dict[str, str | None]]


def turns(following: str | None) -> Turns:
    """Return the parameters of the pages that this one leads to: first, newer, older."""
    cursor, way, found = request.args.get("cursor"), _way(), Turns()
    if cursor:
        found["first"] = {"cursor": None}
        if way:
            back = sign_position(way[-1].encode()) if way[-1] else None
            found["newer"] = {"cursor": back, WAY: _signed(way[:-1])}
    if following:
        here = (read_position(cursor) or b"").decode() if cursor else ""
        found["older"] = {"cursor": following, WAY: _signed([*way, here])}
    return found


def page_size(usual: int) -> int:
    """Return how many rows this page has at most."""
    asked = request.args.get("limit", "")
    return int(asked) if asked.isascii() and asked.isdigit() else usual


def _way() -> list[str]:
    """Return the positions of the pages before this one; an empty one is that of the first."""
    clear = read_position(request.args.get(WAY, ""))
    found: Any = json.loads(clear) if clear else []
    return found if isinstance(found, list) else []


def _signed(way: list[str]) -> str | None:
    kept = way[-LONGEST_WAY:]
    while kept and len(signed := sign_position(json.dumps(kept).encode())) > LONGEST_URL:
        kept = kept[1:]
    return signed if kept else None
