"""What Python's JSON parser accepts and we refuse: a name that occurs twice in an object."""

from __future__ import annotations

from typing import Any


def reject_duplicate_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's members, as an `object_pairs_hook`; ValueError if a name occurs twice."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice")
    return members
