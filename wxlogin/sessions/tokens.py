"""Opaque tokens: a prefix, the owner's tag and a random secret, signed by itsdangerous.

Redis knows the session by a digest of the secret. So neither a list of sessions nor a dump of Redis
nor a leaked signing key alone makes a token.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from itsdangerous import Signer

from wxlogin import errors
from wxlogin.errors import ApiError

TAG_BYTES = 16
SECRET_BYTES = 32


class Kind(NamedTuple):
    """What tokens are for: how they begin, and the purpose that their keys are derived for."""

    prefix: str
    salt: str


SESSION = Kind("wxs_", "wxlogin.session.v1")
ADMIN = Kind("wxo_", "wxlogin.admin.v1")
"""No token of one kind passes for one of another."""
LENGTH = len(SESSION.prefix) + 64 + 1 + 43


@dataclass(frozen=True)
class TokenRef:
    """What a verified token refers to: the user's tag, the session's id, the key that signed."""

    tag: str
    sid: str
    ring_key: bytes = field(repr=False)


class Tokens:
    """Mints with the newest key and verifies with every key of the ring, without any store."""

    def __init__(self, secret_keys: Sequence[str], kind: Kind = SESSION) -> None:
        self._prefix = kind.prefix
        self._ring = [(key.encode(), _signer(key, kind.salt)) for key in secret_keys]

    def mint(self, tag: str) -> tuple[str, TokenRef]:
        """Make a token for the user's tag; the token is told to its owner and kept nowhere."""
        secret = secrets.token_bytes(SECRET_BYTES)
        key, signer = self._ring[0]
        body = base64.urlsafe_b64encode(_bytes(tag) + secret)
        return self._prefix + signer.sign(body).decode(), TokenRef(tag, _sid(secret), key)

    def verify(self, token: str) -> TokenRef:
        """The session that a token refers to; TOKEN_INVALID unless one of our keys signed it."""
        if len(token) != LENGTH or not token.startswith(self._prefix) or not token.isascii():
            raise ApiError(errors.TOKEN_INVALID)
        signed = token.removeprefix(self._prefix).encode()
        body = signed.partition(b".")[0]
        for key, signer in self._ring:
            # Compared as text: base64 writes one signature in four ways, and one of them is ours.
            if hmac.compare_digest(signer.sign(body), signed):
                raw = base64.urlsafe_b64decode(body)
                return TokenRef(_text(raw[:TAG_BYTES]), _sid(raw[TAG_BYTES:]), key)
        raise ApiError(errors.TOKEN_INVALID)

    def peek(self, token: str | None) -> TokenRef | None:
        """As `verify`, where a token that is missing or wrong is no fault."""
        try:
            return self.verify(token) if token else None
        except ApiError:
            return None


def signing_key(ref: TokenRef) -> bytes:
    """The key with which the token's owner signs requests: derived, so that nothing is stored."""
    purpose = hmac.digest(ref.ring_key, b"wxlogin.request-signing.v1", "sha256")
    return hmac.digest(purpose, ref.sid.encode(), "sha256")


def csrf_token(ref: TokenRef) -> str:
    """What the pages of a session send along with every act: derived like the signing key."""
    purpose = hmac.digest(ref.ring_key, b"wxlogin.csrf.v1", "sha256")
    return _text(hmac.digest(purpose, ref.sid.encode(), "sha256"))


def random_tag() -> str:
    """A user's public id, which is the tag of the user's keys: 128 random bits, 22 characters."""
    return _text(secrets.token_bytes(TAG_BYTES))


def _signer(key: str, salt: str) -> Signer:
    # The library's defaults are SHA-1 and a plain concatenation of salt and key. Left to itself it
    # derives the key anew at every token.
    digest = hashlib.sha256
    derived = Signer(key, salt=salt, key_derivation="hmac", digest_method=digest).derive_key()
    return Signer(derived, key_derivation="none", digest_method=digest)


def _sid(secret: bytes) -> str:
    return _text(hashlib.sha256(secret).digest()[:16])


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(tag: str) -> bytes:
    return base64.urlsafe_b64decode(tag + "==")
