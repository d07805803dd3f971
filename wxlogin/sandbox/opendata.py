"""Open data as WeChat creates it: AES-128-CBC with the session_key, and two signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from Crypto.Cipher import AES
from Crypto.Util.Padding import pad


def encrypted(session_key: str, plain: str) -> dict[str, str]:
    """Encrypt text for the mini-program: `{"encryptedData", "iv"}`, both base64."""
    iv = secrets.token_bytes(16)
    cipher = AES.new(base64.b64decode(session_key), AES.MODE_CBC, iv=iv)
    data = cipher.encrypt(pad(plain.encode(), AES.block_size))
    return {
        "encryptedData": base64.b64encode(data).decode(),
        "iv": base64.b64encode(iv).decode(),
    }


def raw_signature(raw_data: str, session_key: str) -> str:
    """Sign rawData: lower-case hex SHA-1 of rawData followed by the session_key text."""
    return hashlib.sha1((raw_data + session_key).encode(), usedforsecurity=False).hexdigest()


def key_signature(session_key: str, message: bytes = b"") -> str:
    """Prove a session_key: lower-case hex HMAC-SHA256; the key is the base64 text, undecoded."""
    return hmac.digest(session_key.encode(), message, "sha256").hex()
