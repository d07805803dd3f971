"""Replies that come within the read timeout, head and body together, or not at all.

The HTTP library's own timeout starts anew at each byte, so that a server that drips holds a worker
for as long as it likes.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class _WithinSeconds(io.RawIOBase):
    """What a socket says, until its timeout is over: the library's own starts anew at each byte."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = time.monotonic() + (sock.gettimeout() or 0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("reply takes too long")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Reply(http.client.HTTPResponse):
    """A reply whose head and body come within the read timeout or not at all."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_WithinSeconds(sock))


class _HttpConnection(HTTPConnection):
    response_class = _Reply


class _HttpsConnection(HTTPSConnection):
    response_class = _Reply


class _Http(HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _Https(HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


TIMELY_POOLS = {"http": _Http, "https": _Https}
"""What a pool manager of urllib3 makes its connections with."""
