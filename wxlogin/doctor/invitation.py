"""How the doctor proves the way from the internet: it asks wxlogin from outside how it was seen.

`GET /v1/doctor/{nonce}` answers only to a nonce that the doctor has just put into Redis, so that
nobody else learns of the proxies, and that only this installation answers.
"""

from __future__ import annotations

import hashlib
import secrets

from redis import Redis

from wxlogin.redisdb import keys

PATH = "/v1/doctor/"
MS = 60_000
NONCE_BYTES = 24
LONGEST = 64


def invite(redis: Redis) -> str:
    """Return a nonce that is answered for a minute; Redis holds a digest of it."""
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    redis.set(_key(nonce), "1", px=MS)
    return nonce


def is_invited(redis: Redis, nonce: str) -> bool:
    """Return whether this is such a nonce."""
    return len(nonce) <= LONGEST and bool(redis.exists(_key(nonce)))


def _key(nonce: str) -> str:
    return keys.doctor(hashlib.sha256(nonce.encode()).hexdigest()[:32])
