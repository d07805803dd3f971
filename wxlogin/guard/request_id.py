"""Request ids: every answer has one; a valid one that comes in is kept."""

from __future__ import annotations

import re
import secrets

HEADER = "X-Request-Id"
VALID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id(given: str) -> str:
    """The id that came in, where it is valid; else a fresh one."""
    return given if VALID.fullmatch(given) else secrets.token_urlsafe(12)
