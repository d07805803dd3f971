"""Nonces of signed requests: a session can use each of them once."""

from __future__ import annotations

import hashlib
import secrets

from wxlogin.redisdb import keys
from wxlogin.redisdb.replies import integer
from wxlogin.redisdb.scripts import Scripts
from wxlogin.sessions.errors import NonceReplayed
from wxlogin.sessions.tokens import TokenRef

# A timestamp is accepted for ten minutes in all; the nonce lives longer.
NONCE_MS = 660_000


class Nonces:
    """Stores nonces in the user's slot, by a digest of session and nonce."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    def consume(self, ref: TokenRef, nonce: str) -> None:
        """Use up a nonce of the session; NonceReplayed if another request used it.

        It is stored with a random value of this request. So if no reply comes it is safe to send
        it again: had the first attempt succeeded, Redis holds this request's own value.
        """
        digest = hashlib.sha256(f"{ref.sid}\x00{nonce}".encode()).hexdigest()[:32]
        own = secrets.token_urlsafe(12)
        reply = self._scripts.call("spend", [keys.nonce(ref.owner, digest)], own, NONCE_MS)
        if not integer(reply):
            raise NonceReplayed
