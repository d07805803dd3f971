"""A gevent worker of gunicorn that answers plain requests itself, and ends idle connections."""

from __future__ import annotations

import contextlib
import socket
import time
import warnings
from collections.abc import Iterable
from types import TracebackType
from typing import Any

import gevent
import gevent.socket
from gevent.monkey import MonkeyPatchWarning
from gunicorn.config import Config
from gunicorn.http.message import Request
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import Unreader
from gunicorn.http.wsgi import Response, base_environ
from gunicorn.workers.ggevent import GeventWorker

from wxlogin.serving.answer import Answer
from wxlogin.serving.plain_request import Environ, PlainReader, needs_no_more

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
        self._connections: dict[gevent.Greenlet, _Connection] = {}
        self._plain = PlainReader(self.cfg)
        self._environ: Environ = {}

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
            RequestParser.mesg_class = staticmethod(self._next_request)

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve a connection."""
        greenlet = gevent.getcurrent()
        environ = {**self._environ, **_ends(listener.getsockname(), addr)}
        self._connections[greenlet] = _Connection(client, environ)
        try:
            super().handle(listener, client, addr)
        finally:
            del self._connections[greenlet]

    def timeout_ctx(self) -> _Connection:
        """Return what notes that a connection waits for a request; `notify` ends the wait."""
        return self._connections[gevent.getcurrent()]

    def notify(self) -> None:
        """Send the heartbeat to the master, once a second, and end idle connections."""
        super().notify()
        longest = self.cfg.keepalive if self.alive else IDLE_SECONDS
        latest = time.monotonic() - longest
        for connection in list(self._connections.values()):
            if connection.waiting_since < latest:
                connection.end()

    def _next_request(self, cfg: Config, unreader: Unreader, peer: Any, number: int) -> Request:
        """Answer the plain requests of a connection; return the first other one, for gunicorn."""
        connection = self._connections[gevent.getcurrent()]
        while True:
            connection.waiting_since = time.monotonic()
            data = unreader.read()
            plain = self._plain.read(data)
            if plain is None:
                unreader.unread(data)
                return Request(cfg, unreader, peer, number)
            connection.waiting_since = BUSY
            environ, rest = plain
            if rest:
                unreader.unread(rest)
            self._answer(connection, environ)

    def _answer(self, connection: _Connection, own: Environ) -> None:
        """Answer a plain request; StopIteration where its connection ends with it."""
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.log.info("Autorestarting worker after current request.")
            self.alive = False
        is_last = not self.alive
        environ = {**connection.environ, **own}
        if "SERVER_NAME" not in environ:
            environ |= _server_of(own.get("HTTP_HOST", ""))
        answer = Answer(connection.sock, own["REQUEST_METHOD"], is_last=is_last)
        self._send(answer, environ)
        if is_last:
            raise StopIteration

    def _send(self, answer: Answer, environ: Environ) -> None:
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


BUSY = float("inf")
"""Since when a connection waits that does not wait."""


class _Connection:
    """A connection: its socket, its two ends in WSGI's names, and since when it waits."""

    __slots__ = ("environ", "sock", "waiting_since")

    def __init__(self, sock: gevent.socket.socket, environ: Environ) -> None:
        self.sock = sock
        self.environ = environ
        self.waiting_since = BUSY

    def __enter__(self) -> None:
        self.waiting_since = time.monotonic()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.waiting_since = BUSY

    def end(self) -> None:
        """End it, unless a request comes at this moment: that is read still, and the end behind it.

        Gevent's own `shutdown` would raise in whoever reads, as if the connection had broken.
        """
        with contextlib.suppress(OSError):
            self.sock._sock.shutdown(socket.SHUT_RD)


def _ends(server: Any, client: Any) -> Environ:
    """Return the two ends of a connection in WSGI's names; a unix socket has no name of its own."""
    if isinstance(client, tuple):
        remote = {"REMOTE_ADDR": client[0], "REMOTE_PORT": str(client[1])}
    else:  # a unix socket's peer has no address
        remote = {"REMOTE_ADDR": client if isinstance(client, str) else client.decode()}
    if not isinstance(server, tuple):
        return remote
    return {**remote, "SERVER_NAME": server[0], "SERVER_PORT": str(server[1])}


def _server_of(host: str) -> Environ:
    """Return the name and port that a request asked, for a unix socket."""
    name, _, port = host.partition(":")
    return {"SERVER_NAME": name, "SERVER_PORT": port or "80"}


def _nothing() -> None:
    """Close a body that has nothing to close."""


def _headers_without_server(response: Response) -> list[str]:
    """Return the header lines that gunicorn adds, without `Server`."""
    return [line for line in _default_headers(response) if not line.startswith("Server:")]


# No setting removes the Server header. Gunicorn's own refusals (400, 431) do not send it.
_default_headers = Response.default_headers
Response.default_headers = _headers_without_server
