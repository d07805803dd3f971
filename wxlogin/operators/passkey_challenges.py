"""Challenges of passkeys: random, kept in Redis for two minutes, each good once."""

from __future__ import annotations

import secrets
from typing import cast

from redis import Redis
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from wxlogin.redisdb import keys

CHALLENGE_BYTES = 32
KEPT_MS = 120_000
NEW = "new-"
"""In front of the session that makes a passkey; no attempt to sign in is as long."""


class PasskeyChallenges:
    """Gives challenges out and takes them back, once. Errors of Redis pass through."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def for_sign_in(self) -> tuple[str, bytes]:
        """Return the id of a new sign-in attempt, and its challenge."""
        attempt = secrets.token_urlsafe(16)
        return attempt, self._issue(keys.passkey_challenge(attempt))

    def for_registration(self, session: str) -> bytes:
        """Return a challenge for the session of an admin, in place of any before."""
        return self._issue(keys.passkey_challenge(f"{NEW}{session}"))

    def take_sign_in(self, attempt: str) -> bytes | None:
        """Return the challenge of an attempt and forget it; None if there is none any more."""
        return self._take(keys.passkey_challenge(attempt))

    def take_registration(self, session: str) -> bytes | None:
        """Return the challenge of a session and forget it; None if there is none any more."""
        return self._take(keys.passkey_challenge(f"{NEW}{session}"))

    def _issue(self, key: str) -> bytes:
        challenge = secrets.token_bytes(CHALLENGE_BYTES)
        self._redis.set(key, bytes_to_base64url(challenge), px=KEPT_MS)
        return challenge

    def _take(self, key: str) -> bytes | None:
        text = cast("str | None", self._redis.get(key))
        # Of two that read it at once one deletes it.
        if text is None or self._redis.delete(key) != 1:
            return None
        return base64url_to_bytes(text)
