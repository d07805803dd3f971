"""WeChat codes are used once: a code that was seen before is refused without asking WeChat."""

from __future__ import annotations

import hashlib
import secrets
from typing import Literal, NamedTuple

from wxlogin.redisdb import keys
from wxlogin.redisdb.scripts import Scripts
from wxlogin.sessions.errors import CodeUsed

# A code lives five minutes at WeChat; the mark lives longer, for clocks that differ.
MARK_MS = 600_000


class Claim(NamedTuple):
    """The right of one request to use a code; `owner` is a random value of the request."""

    key: str
    owner: str


class CodeMarks:
    """Marks codes by app and digest, so that six parallel requests ask WeChat once."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    def claim(self, appid: str, code: str, kind: Literal["login", "phone"] = "login") -> Claim:
        """Mark the code; CodeUsed if it was seen in the last ten minutes.

        The kinds are separate, so that a code sent to the wrong call stays good for the right one.
        """
        digest = hashlib.sha256(f"{kind}\x00{appid}\x00{code}".encode()).hexdigest()
        claim = Claim(keys.code(digest), secrets.token_urlsafe(12))
        if not self._scripts.call("spend", [claim.key], claim.owner, MARK_MS):
            raise CodeUsed
        return claim

    def release(self, claim: Claim) -> None:
        """Free the code again, because nothing was sent to WeChat."""
        self._scripts.call_once("release", [claim.key], claim.owner)
