"""Who may open or frame the ready page, and gets what comes of it."""

from __future__ import annotations

from collections.abc import Sequence


def receiver_of(wanted: str, origins: Sequence[str]) -> str:
    """Return the origin that the session is handed to: the one that is wanted, or the only one.

    Empty if it may not have it.
    """
    if not wanted and len(origins) == 1:
        return origins[0]
    return wanted if wanted in origins else ""


def content_policy(origins: Sequence[str]) -> str:
    """Return the page's policy: its own files alone, framed by itself and by these origins."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",  # the empty icon
            "connect-src 'self'",
            " ".join(("frame-ancestors", "'self'", *origins)),
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
