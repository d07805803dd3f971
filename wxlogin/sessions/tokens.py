"""Opaque tokens: a prefix, the owner's public id and a random secret, signed by itsdangerous.

Redis knows the session by a digest of the secret. So neither a list of sessions nor a dump of Redis
nor a leaked signing key alone makes a token. The secret begins with the id of the signing key: a
token that another host signed with a key which is not here is told from a forged one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from itsdangerous import Signer
from itsdangerous.signer import SigningAlgorithm
from redis.exceptions import RedisError

from wxlogin.sessions.errors import SigningKeyElsewhere, TokenInvalid, TokenMalformed
from wxlogin.vault.derivation import FINGERPRINT_LENGTH, fingerprint

PUBLIC_ID_BYTES = 16
SECRET_BYTES = 32
KEY_ID_BYTES = FINGERPRINT_LENGTH // 2
"""Of the secret; the other 26 are random. Tokens of older versions have 32 random ones."""


class Kind(NamedTuple):
    """A kind of token: its prefix, and the salt of its signing key."""

    prefix: str
    salt: str


SESSION = Kind("wxs_", "wxlogin.session.v1")
ADMIN = Kind("wxo_", "wxlogin.admin.v1")
"""A token of one kind is invalid as another."""
LENGTH = 108
"""Of what follows the prefix: 48 bytes and a signature of 32, in Base64, with a dot between."""
FORM = re.compile(rf"[A-Za-z0-9_.-]{{{LENGTH}}}")

REMEMBERED = 4096
"""Verified tokens of a generation, 400 bytes each."""


@dataclass(frozen=True)
class TokenRef:
    """What a verified token refers to: its owner's public id, its session's id, its signing key."""

    owner: str
    sid: str
    ring_key: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        """The id of the key that signed."""
        return fingerprint(self.ring_key)


class Tokens:
    """Mints with the newest key and verifies with every key of the ring, without any store."""

    def __init__(
        self,
        secret_keys: Sequence[str],
        kind: Kind = SESSION,
        is_elsewhere: Callable[[str], bool] = lambda _key_id: False,
    ) -> None:
        """`is_elsewhere` says whether another running host has the signing key of an id."""
        self._prefix = kind.prefix
        self._is_elsewhere = is_elsewhere
        self._ring = [(key.encode(), _signer(key, kind.salt)) for key in secret_keys]
        self._verified = _VerifiedTokens(REMEMBERED)

    def mint(self, owner: str) -> tuple[str, TokenRef]:
        """Create a token of a public id. Only its owner gets it; it is stored nowhere."""
        key, signer = self._ring[0]
        key_id = bytes.fromhex(fingerprint(key))
        secret = key_id + secrets.token_bytes(SECRET_BYTES - KEY_ID_BYTES)
        body = base64.urlsafe_b64encode(_bytes(owner) + secret)
        return self._prefix + signer.sign(body).decode(), TokenRef(owner, _sid(secret), key)

    def verify(self, token: str) -> TokenRef:
        """Return what a token refers to.

        TokenInvalid unless one of our keys signed it; TokenMalformed for a text of another form;
        SigningKeyElsewhere if it names a key that another host has: only that one can tell.
        """
        # All but the form of each character, which a regular expression takes longer to judge.
        has_length = len(token) == len(self._prefix) + LENGTH
        if not (has_length and token.isascii() and token.startswith(self._prefix)):
            raise TokenMalformed
        digest = hashlib.sha256(token.encode()).digest()
        ref = self._verified.get(digest)
        if ref is None:
            ref = self._verify(token)
            self._verified.add(digest, ref)
        return ref

    def peek(self, token: str | None) -> TokenRef | None:
        """Return what a token refers to, or None if it is missing or cannot be verified here."""
        try:
            return self.verify(token) if token else None
        except (TokenInvalid, SigningKeyElsewhere, RedisError):
            return None

    def _verify(self, token: str) -> TokenRef:
        body, _, signature = token.removeprefix(self._prefix).encode().partition(b".")
        for key, signer in self._ring:
            # Compared as text: base64 writes one signature in four ways, and one of them is ours.
            if hmac.compare_digest(signer.get_signature(body), signature):
                raw = base64.urlsafe_b64decode(body)
                return TokenRef(_text(raw[:PUBLIC_ID_BYTES]), _sid(raw[PUBLIC_ID_BYTES:]), key)
        if not FORM.fullmatch(token, len(self._prefix)):
            raise TokenMalformed
        if self._is_elsewhere(_key_id(body)):
            raise SigningKeyElsewhere
        raise TokenInvalid


class _VerifiedTokens:
    """What tokens refer to whose signature was verified lately: that costs several times as much.

    Nothing is said about their sessions, which are read from Redis at each call. Tokens are known
    by a digest, so that none stays in memory. There are two generations: when one is full, the one
    before it is forgotten.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._latest: dict[bytes, TokenRef] = {}
        self._earlier: dict[bytes, TokenRef] = {}

    def get(self, digest: bytes) -> TokenRef | None:
        found = self._latest.get(digest)
        if found is None and (found := self._earlier.get(digest)):
            self.add(digest, found)
        return found

    def add(self, digest: bytes, ref: TokenRef) -> None:
        if len(self._latest) >= self._size:
            self._earlier, self._latest = self._latest, {}
        self._latest[digest] = ref


def signing_key(ref: TokenRef) -> bytes:
    """Return the key with which the token's owner signs requests. It is derived, not stored."""
    purpose = hmac.digest(ref.ring_key, b"wxlogin.request-signing.v1", "sha256")
    return hmac.digest(purpose, ref.sid.encode(), "sha256")


def csrf_token(ref: TokenRef) -> str:
    """Return the CSRF token of a session's pages. It is derived like the signing key."""
    purpose = hmac.digest(ref.ring_key, b"wxlogin.csrf.v1", "sha256")
    return _text(hmac.digest(purpose, ref.sid.encode(), "sha256"))


def new_public_id() -> str:
    """Return a new public id: 128 random bits, 22 characters."""
    return _text(secrets.token_bytes(PUBLIC_ID_BYTES))


class _PreparedHmac(SigningAlgorithm):
    """HMAC-SHA256 with one key, which is hashed once; the library's own does so each time."""

    def __init__(self, key: bytes) -> None:
        self._begun = hmac.new(key, digestmod="sha256")

    def get_signature(self, key: bytes, value: bytes) -> bytes:  # noqa: ARG002  it is in `_begun`
        signature = self._begun.copy()
        signature.update(value)
        return signature.digest()


def _signer(key: str, salt: str) -> Signer:
    # The library's defaults are SHA-1 and a plain concatenation of salt and key, and it derives the
    # key again for every token.
    digest = hashlib.sha256
    derived = Signer(key, salt=salt, key_derivation="hmac", digest_method=digest).derive_key()
    return Signer(derived, key_derivation="none", algorithm=_PreparedHmac(derived))


def _key_id(body: bytes) -> str:
    """Return the id of the signing key that a body names; an empty or short text if it has none."""
    try:
        raw = base64.urlsafe_b64decode(body)
    except binascii.Error:
        return ""
    return raw[PUBLIC_ID_BYTES : PUBLIC_ID_BYTES + KEY_ID_BYTES].hex()


def _sid(secret: bytes) -> str:
    return _text(hashlib.sha256(secret).digest()[:16])


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(public_id: str) -> bytes:
    return base64.urlsafe_b64decode(public_id + "==")
