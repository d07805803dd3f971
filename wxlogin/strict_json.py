"""JSON as strangers send it: what Python's own reader takes and we do not."""

from __future__ import annotations

from typing import Any


def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's members, as an `object_pairs_hook`; ValueError where a name stands twice."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice")
    return members
