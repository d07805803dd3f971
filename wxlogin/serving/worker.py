"""A gevent worker of gunicorn that answers plain requests itself, and ends idle connections."""

from __future__ import annotations

import contextlib
import socket
import time
import warnings
from collections.abc import Iterable
from functools import lru_cache
from types import TracebackType
from typing import Any

import gevent
import gevent.socket
from gevent.monkey import MonkeyPatchWarning
from gunicorn.http.parser import RequestParser
from gunicorn.http.wsgi import Response, base_environ
from gunicorn.workers.ggevent import GeventWorker

from wxlogin.serving.answer import Answer
from wxlogin.serving.plain_request import PlainRequest, needs_no_more, plain_parser

IDLE_SECONDS = 2.0
"""A connection without a request for this long is idle: proxies reuse the latest one first."""


class Worker(GeventWorker):  # type: ignore[misc]
    """Serves requests in greenlets.

    Gunicorn spends more on parsing, timing and answering a request than wxlogin on the call that a
    gateway makes most. For plain requests (`plain_request.py`) this worker spends little.

    When it stops, gunicorn's own worker waits for the timeout of every kept-alive connection, and
    delays a restart. This one ends idle connections.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.alive: bool
        self._connections: dict[gevent.Greenlet, gevent.socket.socket] = {}
        self._waits = _Waits()
        self._environ: dict[str, Any] = {}

    def patch(self) -> None:
        """Patch the modules that the master has not patched."""
        with warnings.catch_warnings():
            # Patching more than before is intended here.
            warnings.simplefilter("ignore", MonkeyPatchWarning)
            super().patch()

    def init_process(self) -> None:
        """Set the worker up, and serve until the master says to stop."""
        self.prepare()
        super().init_process()

    def prepare(self) -> None:
        """Take plain requests out of gunicorn's hands, unless more is to be done for each."""
        if needs_no_more(self.cfg):
            own = {"wsgi.multithread": True, "wsgi.url_scheme": "http", "SCRIPT_NAME": ""}
            self._environ = {**base_environ(self.cfg), **own, "SERVER_PROTOCOL": "HTTP/1.1"}
            RequestParser.mesg_class = staticmethod(plain_parser(self.cfg))

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve a connection."""
        greenlet = gevent.getcurrent()
        self._connections[greenlet] = client
        try:
            super().handle(listener, client, addr)
        finally:
            del self._connections[greenlet]

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> bool:
        """Answer a request; StopIteration where its connection ends with it."""
        if not isinstance(req, PlainRequest):
            return bool(super().handle_request(listener_name, req, sock, addr))
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.log.info("Autorestarting worker after current request.")
            self.alive = False
        is_last = not self.alive
        host = "" if isinstance(listener_name, tuple) else req.environ.get("HTTP_HOST", "")
        ends = _ends(listener_name, addr, host)
        answer = Answer(sock, req.environ["REQUEST_METHOD"], is_last=is_last)
        self._answer(answer, {**self._environ, **ends, **req.environ})
        if is_last:
            raise StopIteration
        return True

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer a request that cannot be answered, as gunicorn does."""
        super().handle_error(None if isinstance(req, PlainRequest) else req, client, addr, exc)

    def timeout_ctx(self) -> _Waits:
        """Return what notes that a connection waits for a request; `notify` ends the wait."""
        return self._waits

    def notify(self) -> None:
        """Send the heartbeat to the master, once a second, and end idle connections."""
        super().notify()
        longest = self.cfg.keepalive if self.alive else IDLE_SECONDS
        for greenlet in self._waits.longer_than(longest):
            # A request that comes at this moment is read still: the end follows behind it. Gevent's
            # own `shutdown` would raise in whoever reads, as if the connection had broken.
            with contextlib.suppress(OSError):
                self._connections[greenlet]._sock.shutdown(socket.SHUT_RD)

    def _answer(self, answer: Answer, environ: dict[str, Any]) -> None:
        body: Iterable[bytes] = ()
        try:
            body = self.wsgi(environ, answer.start)
            answer.send_all(body)
        except OSError:
            raise
        except Exception:
            if not answer.is_sent:
                raise
            self.log.exception("Error handling request")
            raise StopIteration from None
        finally:
            getattr(body, "close", _nothing)()


class _Waits:
    """The greenlets that wait for a request, and since when."""

    def __init__(self) -> None:
        self._since: dict[gevent.Greenlet, float] = {}

    def __enter__(self) -> None:
        self._since[gevent.getcurrent()] = time.monotonic()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del self._since[gevent.getcurrent()]

    def longer_than(self, seconds: float) -> list[gevent.Greenlet]:
        """Return those that have waited for longer."""
        latest = time.monotonic() - seconds
        return [greenlet for greenlet, since in self._since.items() if since < latest]


@lru_cache(4096)
def _ends(server: Any, client: Any, host: str) -> dict[str, str]:
    """Return the two ends of a connection in WSGI's names; a unix socket's is the `host` asked."""
    if isinstance(client, tuple):
        remote = {"REMOTE_ADDR": client[0], "REMOTE_PORT": str(client[1])}
    else:  # a unix socket's peer has no address
        remote = {"REMOTE_ADDR": client if isinstance(client, str) else client.decode()}
    name, port = (server[0], server[1]) if isinstance(server, tuple) else _split(host)
    return {**remote, "SERVER_NAME": name, "SERVER_PORT": str(port)}


def _split(host: str) -> tuple[str, str]:
    name, _, port = host.partition(":")
    return name, port or "80"


def _nothing() -> None:
    """Close a body that has nothing to close."""


def _headers_without_server(response: Response) -> list[str]:
    """Return the header lines that gunicorn adds, without `Server`."""
    return [line for line in _default_headers(response) if not line.startswith("Server:")]


# No setting removes the Server header. Gunicorn's own refusals (400, 431) do not send it.
_default_headers = Response.default_headers
Response.default_headers = _headers_without_server
