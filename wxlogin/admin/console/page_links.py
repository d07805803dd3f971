"""Links between the pages of a list: to the first, back to newer ones, on to older ones.

A list reads on from a position. The history of a page, which is the positions of those before it,
stands in its URL, signed as a cursor is.
"""

from __future__ import annotations

import json
from typing import Any

from flask import request

from wxlogin.guard.cursors import read_position, sign_position

HISTORY = "way"
"""The parameter's name in URLs."""
LONGEST_HISTORY = 12
"""Pages that one can turn back one by one; before them there is the first."""
LONGEST_URL = 700
"""Characters of a history: a page's URL stays below the bound of those that one may return to."""
SIZES = (50, 100, 200)

PageLinks = dict[str, dict[str, str | None]]


def page_links(following: str | None) -> PageLinks:
    """Return the parameters of the pages that this one leads to: first, newer, older."""
    cursor, history, found = request.args.get("cursor"), _history(), PageLinks()
    if cursor:
        found["first"] = {"cursor": None}
        if history:
            back = sign_position(history[-1].encode()) if history[-1] else None
            found["newer"] = {"cursor": back, HISTORY: _signed(history[:-1])}
    if following:
        here = (read_position(cursor) or b"").decode() if cursor else ""
        found["older"] = {"cursor": following, HISTORY: _signed([*history, here])}
    return found


def page_size(usual: int) -> int:
    """Return how many rows this page has at most."""
    asked = request.args.get("limit", "")
    return int(asked) if asked.isascii() and asked.isdigit() else usual


def _history() -> list[str]:
    """Return the positions of the pages before this one; an empty one is that of the first."""
    clear = read_position(request.args.get(HISTORY, ""))
    found: Any = json.loads(clear) if clear else []
    return found if isinstance(found, list) else []


def _signed(history: list[str]) -> str | None:
    kept = history[-LONGEST_HISTORY:]
    while kept and len(signed := sign_position(json.dumps(kept).encode())) > LONGEST_URL:
        kept = kept[1:]
    return signed if kept else None
