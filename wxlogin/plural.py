"""Counts in English: `1 user`, `2 users`. Every message with a count uses this."""

from __future__ import annotations


def plural(count: int, one: str, many: str = "") -> str:
    """Return the count and its noun; `many` is `one` with an s unless it is given."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"
