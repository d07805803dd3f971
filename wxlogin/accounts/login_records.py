"""The record of a login."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from structlog.contextvars import get_contextvars

from wxlogin.sessions import Draft, Lifetimes


def login_row(
    user_row: int, session_id: str, draft: Draft, now: datetime, lifetimes: Lifetimes
) -> dict[str, Any]:
    """Return the row of a login, with the id of its request and when its session will expire."""
    deadlines = lifetimes.of(now)
    return {
        "user_id": user_row,
        "session_id": session_id,
        "at": now,
        "ip": draft.ip,
        "platform": draft.platform,
        "device_name": draft.name,
        "region": draft.region or None,
        "expires_at": deadlines.unused,
        "last_at": deadlines.last,
        "request_id": get_contextvars().get("request_id"),
    }
