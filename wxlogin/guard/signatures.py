"""Signatures of requests: what is signed, how it is written, when it holds. No Flask in here."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from wxlogin import errors
from wxlogin.errors import ApiError

TIMESTAMP = "X-Wxlogin-Timestamp"
NONCE = "X-Wxlogin-Nonce"
SIGNATURE = "X-Wxlogin-Signature"
FORMS = {TIMESTAMP: r"[0-9]{10}", NONCE: r"[A-Za-z0-9_-]{16,64}", SIGNATURE: r"[0-9a-f]{64}"}
"""The headers of a signed request, and what each looks like."""

WINDOW_SECONDS = 300
EMPTY_HASH = hashlib.sha256().hexdigest()
# A request to a proxy may name the host as well (RFC 9112, 3.2.2); the path is what is signed.
ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


class Signed(NamedTuple):
    """The request as it was sent: the target undecoded, the body's SHA-256 in hex."""

    method: str
    target: str
    body_hash: str


@dataclass(frozen=True)
class Signature:
    """What the three headers say."""

    timestamp: str
    nonce: str
    mac: str

    def verify(self, key: bytes, signed: Signed, now: int) -> None:
        """Refuse what the key did not sign, then what is not of this time (`now`: Unix seconds)."""
        if not hmac.compare_digest(self.mac, sign(key, signed, self.timestamp, self.nonce)):
            raise ApiError(errors.REQUEST_SIGNATURE_INVALID)
        if abs(now - int(self.timestamp)) > WINDOW_SECONDS:
            raise ApiError(errors.REQUEST_EXPIRED, members={"server_time": now})


def signature_of(given: Mapping[str, str]) -> Signature | None:
    """The signature in those of the three headers that a request carries; None without any.

    REQUEST_UNSIGNED for some but not all of them, REQUEST_SIGNATURE_INVALID for a malformed one.
    """
    if not given:
        return None
    if len(given) < len(FORMS):
        raise ApiError(errors.REQUEST_UNSIGNED)
    if not all(re.fullmatch(form, given[name]) for name, form in FORMS.items()):
        raise ApiError(errors.REQUEST_SIGNATURE_INVALID)
    return Signature(given[TIMESTAMP], given[NONCE], given[SIGNATURE])


def sign(key: bytes, signed: Signed, timestamp: str, nonce: str) -> str:
    """The signature of a request: lower-case hex HMAC-SHA256."""
    lines = (signed.method, signed.target, timestamp, nonce, signed.body_hash)
    # WSGI hands on the bytes of a target as Latin-1.
    return hmac.new(key, "\n".join(lines).encode("latin-1"), hashlib.sha256).hexdigest()


def body_hash(body: bytes) -> str:
    """The SHA-256 of a body, in hex."""
    return hashlib.sha256(body).hexdigest()


def path_of(target: str) -> str:
    """A request's target from the path on, byte for byte; scheme and host are left out."""
    origin = ORIGIN.match(target)
    return target[origin.end() :] if origin else target
