"""WebSocket (RFC 6455) at its smallest: a server that echoes, and what a client sends."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import socket
from itertools import cycle

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT = b"\x81"


def accepted(key: str) -> str:
    """What a server answers to a client's key."""
    return base64.b64encode(hashlib.sha1(f"{key}{GUID}".encode()).digest()).decode()


def new_key() -> str:
    """A client's key."""
    return base64.b64encode(secrets.token_bytes(16)).decode()


def upgrading(key: str) -> dict[str, str]:
    """The headers with which a client asks for a WebSocket."""
    return {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
    }


def frame(text: bytes) -> bytes:
    """A short text as a client sends it: masked."""
    mask = secrets.token_bytes(4)
    return TEXT + bytes([0x80 | len(text)]) + mask + masked(text, mask)


def masked(text: bytes, mask: bytes) -> bytes:
    """The text under the mask, or out of it."""
    return bytes(one ^ two for one, two in zip(text, cycle(mask), strict=False))


def received(connection: socket.socket, *, from_client: bool = False) -> bytes:
    """The text of the next frame; empty at the end."""
    head = _exactly(connection, 2)
    if not head:
        return b""
    mask = _exactly(connection, 4) if from_client else bytes(4)
    return masked(_exactly(connection, head[1] & 0x7F), mask)


def echo(connection: socket.socket, request: bytes) -> None:
    """Shake hands on a request, then send every text back until the client goes."""
    asked = re.search(rb"(?im)^sec-websocket-key: *(\S+)", request)
    assert asked, request
    answer = (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accepted(asked[1].decode())}\r\n\r\n"
    )
    connection.sendall(answer.encode())
    while text := received(connection, from_client=True):
        connection.sendall(TEXT + bytes([len(text)]) + text)


def _exactly(connection: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count and (more := connection.recv(count - len(got))):
        got += more
    return got
