"""Codes are used once here too: one that was seen before is refused without asking WeChat."""

from __future__ import annotations

import hashlib
import secrets
from typing import Literal, NamedTuple

from wxlogin import errors
from wxlogin.errors import ApiError
from wxlogin.sessions import keys
from wxlogin.sessions.scripts import Scripts

# A code lives five minutes at WeChat; the mark outlives it with room for clocks that differ.
MARK_MS = 600_000


class Claim(NamedTuple):
    """A code that this request alone may use; `owner` is the request's own random value."""

    key: str
    owner: str


class CodeMarks:
    """Marks codes by app and digest, so that six parallel requests ask WeChat once."""

    def __init__(self, scripts: Scripts) -> None:
        self._redis = scripts.redis
        self._scripts = scripts

    def claim(self, appid: str, code: str, kind: Literal["login", "phone"] = "login") -> Claim:
        """Mark the code; CODE_USED if it was seen in the last ten minutes.

        The kinds are apart, so that a code sent to the wrong call is not spent for the right one.
        """
        digest = hashlib.sha256(f"{kind}\x00{appid}\x00{code}".encode()).hexdigest()
        claim = Claim(keys.code(digest), secrets.token_urlsafe(12))
        if not self._redis.set(claim.key, claim.owner, nx=True, px=MARK_MS):
            raise ApiError(errors.CODE_USED)
        return claim

    def release(self, claim: Claim) -> None:
        """Free the code again: for when nothing was sent to WeChat."""
        self._scripts.run("release", [claim.key], claim.owner)
