"""Serves the sandbox over HTTP, on a loopback address only."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from wxlogin.sandbox import wire
from wxlogin.sandbox.app import create_app
from wxlogin.sandbox.faults import Faults
from wxlogin.sandbox.inbox import Inbox
from wxlogin.sandbox.inbox_pages import PATH
from wxlogin.sandbox.orders import NO_ORDERS, Orders
from wxlogin.sandbox.world import World

_POLL = 0.02
"""Seconds between two checks whether to stop."""


class _Handler(WSGIRequestHandler):
    """Logs nothing, and dates responses by the sandbox's clock."""

    # A silent connection must not occupy its thread forever.
    timeout = 30
    clock: Callable[[], float]

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the Date header."""
        return super().date_time_string(self.clock() if timestamp is None else timestamp)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Log nothing: request lines contain secrets and codes."""


class SandboxServer:
    """The sandbox's server in a thread of its own; also a context manager.

    `apps`: AppSecret by appid; the first is the default app. `clock`: Unix seconds. Port 0 selects
    a free one, which stays the same after stop and start. ValueError if the host is no loopback
    address. `orders`: what the page with the phones may ask of whoever runs this.
    """

    def __init__(
        self,
        apps: Mapping[str, str],
        clock: Callable[[], float] = time.time,
        host: str = "127.0.0.1",
        port: int = 0,
        orders: Orders = NO_ORDERS,
    ) -> None:
        self._host = _checked_loopback(host)
        self._port = port
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self.world = World(apps, clock)
        self.faults = Faults(self.world.lock, wire.PATHS)
        self.inbox = Inbox(self.world.now)
        self._app = create_app(self.world, self.faults, self.inbox, orders)

    @property
    def webhooks_url(self) -> str:
        """The URL that takes webhooks, and in a browser shows them; available after the start."""
        return self.base + PATH

    @property
    def base(self) -> str:
        """The URL without a path, for WXLOGIN_WX_API_BASE; available after the start."""
        if not self._port:
            raise RuntimeError("start the sandbox first: it has no port yet")
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def start(self) -> None:
        """Listen and serve in a daemon thread; OSError if the port is taken."""
        if self._server:
            raise RuntimeError("the sandbox is running already")
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # With its own socket, werkzeug would print a message and exit if the port is taken.
        with socket.create_server((self._host, self._port), family=family, backlog=128) as listener:
            self._server = make_server(
                self._host,
                self._port,
                self._app,
                threaded=True,
                request_handler=type(
                    "Handler", (_Handler,), {"clock": staticmethod(self.world.now)}
                ),
                fd=listener.fileno(),
            )
        self._port = self._server.port
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL,), name="sandbox", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Release blocked calls, stop the thread and close the socket; the state stays."""
        if not (self._server and self._thread):
            return
        self.faults.clear()
        self._server.shutdown()
        self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> SandboxServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _checked_loopback(host: str) -> str:
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ValueError("the sandbox serves this machine alone: its host must be 127.0.0.1 or ::1")
    return host
