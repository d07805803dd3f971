"""What is derived from a key and may be stored or shown: none of it reveals the key."""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal

KeyKind = Literal["data", "index", "signing"]

FINGERPRINT_LENGTH = 12


def fingerprint(key: bytes) -> str:
    """Return what two servers can compare to see that they have the same key: 12 hex characters.

    A signing key has no id in the settings: this is its id.
    """
    digest = hashlib.sha256(b"wxlogin.fingerprint.v1\x00" + key).hexdigest()
    return digest[:FINGERPRINT_LENGTH]


def check_value(kind: KeyKind, key_id: str, key: bytes) -> str:
    """Return what tells another key under the same id: 64 hex characters."""
    message = f"wxlogin.key-check.v1\x00{kind}\x00{key_id}".encode()
    return hmac.digest(key, message, "sha256").hex()


def audit_key(data_key: bytes) -> bytes:
    """Return the key of the audit trail's MACs that belongs to a data key."""
    return hmac.digest(data_key, b"wxlogin.audit.v1", "sha256")
