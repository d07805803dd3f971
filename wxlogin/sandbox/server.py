"""The sandbox over real HTTP, on a loopback address alone."""

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
from wxlogin.sandbox.world import World

_POLL = 0.02
"""Seconds between two looks at whether to stop."""


class _QuietHandler(WSGIRequestHandler):
    # A connection that says nothing must not hold its thread for ever.
    timeout = 30

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: request lines hold secrets and codes."""


class SandboxServer:
    """WeChat's stand-in on a thread of its own; also a context manager.

    `apps`: AppSecret by appid; the first is the default app. `clock`: Unix seconds. Port 0 takes
    any free one and keeps it over stop and start. ValueError for a host that is not loopback.
    """

    def __init__(
        self,
        apps: Mapping[str, str],
        clock: Callable[[], float] = time.time,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._host = _checked_loopback(host)
        self._port = port
        self._serving: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self.world = World(apps, clock)
        self.faults = Faults(self.world.lock, wire.PATHS)
        self._app = create_app(self.world, self.faults)

    @property
    def base(self) -> str:
        """The address without a path, what WXLOGIN_WX_API_BASE is set to; known once started."""
        if not self._port:
            raise RuntimeError("start the sandbox first: it has no port yet")
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def start(self) -> None:
        """Listen and serve on a daemon thread; OSError when the port is taken."""
        if self._serving:
            raise RuntimeError("the sandbox is running already")
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # A socket of our own: werkzeug would print and exit when the port is taken.
        with socket.create_server((self._host, self._port), family=family, backlog=128) as listener:
            self._serving = make_server(
                self._host,
                self._port,
                self._app,
                threaded=True,
                request_handler=_QuietHandler,
                fd=listener.fileno(),
            )
        self._port = self._serving.port
        self._thread = threading.Thread(
            target=self._serving.serve_forever, args=(_POLL,), name="sandbox", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Release held calls, stop the thread and close the socket; the state stays."""
        if not (self._serving and self._thread):
            return
        self.faults.clear()
        self._serving.shutdown()
        self._thread.join()
        self._serving = self._thread = None

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
