"""Nonces of signed requests: each is good once per session."""

from __future__ import annotations

import hashlib
import secrets

from wxlogin import errors
from wxlogin.errors import ApiError
from wxlogin.sessions import keys
from wxlogin.sessions.scripts import Scripts
from wxlogin.sessions.tokens import TokenRef

# A timestamp is accepted for ten minutes in all; the nonce outlives it.
NONCE_MS = 660_000


class Nonces:
    """Remembers nonces in the user's slot, by a digest of session and nonce."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    def spend(self, ref: TokenRef, nonce: str) -> None:
        """Spend a nonce of the session; REQUEST_REPLAYED if another request spent it.

        It is written with this request's own random value. So where no answer comes it is sent
        again: if the first time it did happen, the value that is found is this request's own.
        """
        digest = hashlib.sha256(f"{ref.sid}\x00{nonce}".encode()).hexdigest()[:32]
        own = secrets.token_urlsafe(12)
        if not self._scripts.ask("spend", [keys.nonce(ref.tag, digest)], own, NONCE_MS):
            raise ApiError(errors.REQUEST_REPLAYED)
