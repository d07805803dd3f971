"""Users' timelines as tests read them."""

from __future__ import annotations

from typing import Any

from tests.harness.console import Operator


def story(owner: Operator, user: str, **query: Any) -> list[dict[str, Any]]:
    """A user's timeline, newest first."""
    found: list[dict[str, Any]] = owner.done("GET", f"/users/{user}/timeline", params=query)[
        "items"
    ]
    return found


def ends(owner: Operator, user: str) -> list[tuple[str, str, str | None, str | None]]:
    """Session, why, by whom and the reason of each end, newest first."""
    found = [item for item in story(owner, user) if item["kind"] == "session_ended"]
    return [(item["session"], item["why"], item["by"], item["reason"]) for item in found]


def actor(owner: Operator) -> str:
    """The admin as the audit trail names them."""
    return f"admin:{owner.name}"
