"""The message push's signatures and encryption, as WeChat's message-push page has them.

SHA-1 and CBC are WeChat's choice. A signature covers what it is given alone: the plain one covers
neither the body nor the query, so that an unencrypted message is trusted for little.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import NamedTuple

from Crypto.Cipher import AES

from wxlogin.wechat.errors import PushRefused

RANDOM = 16
"""Random bytes in front of a message."""
LENGTH = 4
"""Bytes of its length, in network order."""
BLOCK = 32
"""The padding is PKCS#7 with blocks of 32 bytes, not the 16 of AES."""


class PushKeys(NamedTuple):
    """Token and EncodingAESKey of a mini-program's message push; the second may be empty."""

    token: str
    aes_key: str = ""


def verify_signature(token: str, signature: str, *parts: str) -> bool:
    """Return whether a signature holds: lower-case hex SHA-1 of token and parts, sorted and joined.

    The parts are timestamp and nonce, and for an encrypted message (`msg_signature`) its text too.
    """
    signed = _bytes("".join(sorted([token, *parts])))
    expected = hashlib.sha1(signed, usedforsecurity=False).hexdigest().encode()
    return hmac.compare_digest(expected, _bytes(signature))


def decrypt(aes_key: str, appid: str, encrypted: str) -> bytes:
    """Decrypt a message for this appid: AES-256-CBC, base64; PushRefused for anything else.

    Its clear form is 16 random bytes, the message's length, the message, the appid.
    """
    try:
        # 43 characters are 32 bytes and two bits that need not be zero.
        key = base64.b64decode(aes_key + "=")
        cipher = AES.new(key, AES.MODE_CBC, iv=key[: AES.block_size])
        clear = cipher.decrypt(base64.b64decode(encrypted, validate=True))
    except ValueError:
        raise PushRefused from None
    return _message(_unpadded(clear), appid.encode())


def _message(clear: bytes, appid: bytes) -> bytes:
    start = RANDOM + LENGTH
    end = start + int.from_bytes(clear[RANDOM:start], "big")
    if len(clear) < start or not hmac.compare_digest(clear[end:], appid):
        raise PushRefused
    return clear[start:end]


def _unpadded(clear: bytes) -> bytes:
    count = clear[-1] if clear else 0
    if not 1 <= count <= BLOCK or clear[-count:] != bytes([count]) * count:
        raise PushRefused
    return clear[:-count]


def _bytes(text: str) -> bytes:
    """Encode text of a stranger's, half of a surrogate pair included."""
    return text.encode("utf-8", "surrogatepass")
