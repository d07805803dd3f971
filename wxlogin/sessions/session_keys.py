"""WeChat's session_key: one per user and app, sealed, in Redis alone, two hours at most.

WeChat keeps exactly one valid key for a user of an app and may change it at any wx.login
(checkSessionKey page), so the key that was exchanged last is the one that counts.
"""

from __future__ import annotations

from wxlogin.clock import Clock, milliseconds
from wxlogin.sessions import keys
from wxlogin.sessions.scripts import Scripts
from wxlogin.vault import Vault

PREVIOUS_MS = 60_000


class SessionKeys:
    """Keeps the session_key of each user."""

    def __init__(self, scripts: Scripts, vault: Vault, clock: Clock, ttl: int) -> None:
        self._scripts = scripts
        self._vault = vault
        self._clock = clock
        self._ttl_ms = ttl * 1000

    def keep(self, tag: str, session_key: str, stamp: int) -> int:
        """Keep the key that WeChat answered at `stamp` (ms); give back its life in seconds.

        A key that WeChat gave earlier than the kept one is ignored: answers may overtake.
        """
        place = keys.session_key(tag)
        self._scripts.run(
            "keep_session_key",
            [place],
            milliseconds(self._clock),
            stamp,
            self._vault.seal(session_key, place),
            self._ttl_ms,
            PREVIOUS_MS,
        )
        return self._ttl_ms // 1000
