"""Assertions: who calls, as a JWT of a minute (RFC 7519) that Ed25519 signs (RFC 8037)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wxlogin.clock import Clock
from wxlogin.settings.values import DataKey

LIFE = 60
"""Seconds after which an assertion ends, whatever becomes of the session."""


class PublicKey(NamedTuple):
    """What verifies assertions: `kid` is the key's thumbprint (RFC 7638), `x` the key itself."""

    kid: str
    x: str


class Assertions:
    """Signs with the newest key of a ring; whoever has a public key of it verifies."""

    def __init__(self, keys: Sequence[DataKey], issuer: str, audience: str, clock: Clock) -> None:
        """Leave an empty `audience` out."""
        ring = [Ed25519PrivateKey.from_private_bytes(key.key) for key in keys]
        self.public_keys = [_public(key) for key in ring]
        """Those of all keys, so that an older one's assertions verify until they end."""
        self._newest = ring[0]
        head = {"alg": "EdDSA", "typ": "JWT", "kid": self.public_keys[0].kid}
        self._head = _part(head)
        self._fixed = {"iss": issuer} | ({"aud": audience} if audience else {})
        self._clock = clock

    def sign(self, claims: Mapping[str, str], until: int) -> str:
        """Return an assertion of these claims; it ends with the session, at `until`, or before."""
        now = int(self._clock())
        times = {"iat": now, "exp": min(now + LIFE, until)}
        signed = f"{self._head}.{_part({**self._fixed, **claims, **times})}"
        return f"{signed}.{_base64(self._newest.sign(signed.encode()))}"


def _public(key: Ed25519PrivateKey) -> PublicKey:
    x = _base64(key.public_key().public_bytes_raw())
    members = f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'
    return PublicKey(_base64(hashlib.sha256(members.encode()).digest()), x)


def _part(members: Mapping[str, str | int]) -> str:
    return _base64(json.dumps(members, separators=(",", ":")).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
