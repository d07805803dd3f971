"""Servers in threads of this process that end at once, and do nothing while nobody calls.

`serve_forever` looks many times a second whether it shall end, and `shutdown` waits for that: both
of a test's servers did so for each of thousands of tests.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from socketserver import BaseServer, TCPServer
from typing import Any

LOOK_SECONDS = 60.0
_serve_forever = BaseServer.serve_forever


def install() -> None:
    """Have all servers of this process so from now on."""
    BaseServer.serve_forever = _without_looking  # type: ignore[method-assign]
    BaseServer.shutdown = _shutdown  # type: ignore[method-assign]


def _without_looking(server: BaseServer, poll_interval: float = LOOK_SECONDS) -> None:
    _serve_forever(server, LOOK_SECONDS)


def _shutdown(server: Any) -> None:
    """Ask for the end, and wake the server: it looks before it takes the connection."""
    server._BaseServer__shutdown_request = True
    if isinstance(server, TCPServer):  # nobody here has another
        with suppress(OSError), socket.socket(server.socket.family) as caller:
            caller.settimeout(1)
            caller.connect(server.socket.getsockname())
    server._BaseServer__is_shut_down.wait()
