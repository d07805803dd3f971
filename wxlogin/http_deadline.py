"""Connection pools of urllib3 whose read timeout covers the whole response, headers and body.

The timeout of urllib3 restarts with each received byte, so that a slow server can hold a worker for
as long as it likes.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class _DeadlineReader(io.RawIOBase):
    """Reads from a socket until its timeout, counted from the start, has passed."""

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


class _Response(http.client.HTTPResponse):
    """A response whose headers and body are read within the read timeout."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_DeadlineReader(sock))


class DeadlineHttpConnection(HTTPConnection):
    """A connection over plain HTTP whose read timeout covers the whole response."""

    response_class = _Response


class DeadlineHttpsConnection(HTTPSConnection):
    """A connection over HTTPS whose read timeout covers the whole response."""

    response_class = _Response


class _Http(HTTPConnectionPool):
    ConnectionCls = DeadlineHttpConnection


class _Https(HTTPSConnectionPool):
    ConnectionCls = DeadlineHttpsConnection


DEADLINE_POOLS = {"http": _Http, "https": _Https}
"""The `pool_classes_by_scheme` for a pool manager of urllib3."""
