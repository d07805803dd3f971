"""Message pushes as WeChat sends them: plain, compatible and secure, in JSON and XML."""

from __future__ import annotations

import base64
import hashlib
import html
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from Crypto.Cipher import AES

from wxlogin.sandbox.wire import encoded

Mode = Literal["plain", "compatible", "secure"]
Form = Literal["json", "xml"]
Message = Mapping[str, str | int]

BLOCK = 32
CONTENT_TYPES = {"json": "application/json", "xml": "text/xml"}


@dataclass(frozen=True)
class PushConfig:
    """What WeChat's console holds of a mini-program's message push; `aes_key` has 43 characters."""

    appid: str
    token: str
    aes_key: str = ""


@dataclass(frozen=True)
class PushRequest:
    """A request of WeChat's: the query, the body and its type."""

    query: dict[str, str]
    body: bytes
    content_type: str


def verification(config: PushConfig, echostr: str, now: float) -> dict[str, str]:
    """Return the query with which WeChat checks the address."""
    return {**_signed(config, now), "echostr": echostr}


def request(
    config: PushConfig, message: Message, now: float, mode: Mode = "secure", form: Form = "json"
) -> PushRequest:
    """Return the request that carries a message."""
    query = _signed(config, now)
    if mode == "plain":
        return PushRequest(query, written(message, form), CONTENT_TYPES[form])
    cipher = encrypt(config, written(message, form))
    query["encrypt_type"] = "aes"
    query["msg_signature"] = sign(config.token, query["timestamp"], query["nonce"], cipher)
    envelope = {"ToUserName": message.get("ToUserName", ""), "Encrypt": cipher}
    body = {**message, **envelope} if mode == "compatible" else envelope
    return PushRequest(query, written(body, form), CONTENT_TYPES[form])


def sign(token: str, *parts: str) -> str:
    """Return lower-case hex SHA-1 of token and parts, sorted and joined."""
    joined = "".join(sorted([token, *parts]))
    return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()


def encrypt(config: PushConfig, clear: bytes, random: bytes = b"") -> str:
    """Encrypt a message, in base64: 16 random bytes, its length, the message, the appid."""
    key = base64.b64decode(config.aes_key + "=")
    framed = (random or secrets.token_bytes(16)) + len(clear).to_bytes(4, "big") + clear
    framed += config.appid.encode()
    count = BLOCK - len(framed) % BLOCK
    cipher = AES.new(key, AES.MODE_CBC, iv=key[:16])
    return base64.b64encode(cipher.encrypt(framed + bytes([count]) * count)).decode()


def written(message: Message, form: Form) -> bytes:
    """Return a message as JSON or XML."""
    if form == "json":
        return encoded(message).encode()
    return f"<xml>{''.join(_element(*item) for item in message.items())}</xml>".encode()


def _element(name: str, value: str | int) -> str:
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    if "]]>" in value:
        return f"<{name}>{html.escape(value, quote=False)}</{name}>"
    return f"<{name}><![CDATA[{value}]]></{name}>"


def _signed(config: PushConfig, now: float) -> dict[str, str]:
    timestamp, nonce = str(int(now)), str(secrets.randbelow(10**10))
    signature = sign(config.token, timestamp, nonce)
    return {"signature": signature, "timestamp": timestamp, "nonce": nonce}
