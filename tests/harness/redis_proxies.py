"""Proxies before Redis: one counts round trips, one edits commands, as an odd server would."""

from __future__ import annotations

import select
import socket
import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

PIECE = 65536


class CountingProxy:
    """Listens on loopback TCP and passes everything on to the Redis of `url`.

    A round trip is one exchange: on one connection, words of the client, however many and in
    however many pieces, until the server answers. `url` is `redis://HOST:PORT` or `unix://PATH`.
    """

    def __init__(self, url: str) -> None:
        self.round_trips = 0
        self._target = urlsplit(url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._counting = threading.Lock()
        self._ending, self._end = socket.socketpair()
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"redis://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> CountingProxy:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.close()
        for thread in self._threads:
            thread.join()
        self._listener.close()
        self._ending.close()

    def _accept(self) -> None:
        while self._listener in self._ready(self._listener):
            client, _ = self._listener.accept()
            thread = threading.Thread(target=self._pass_on, args=(client,))
            self._threads.append(thread)
            thread.start()

    def _pass_on(self, client: socket.socket) -> None:
        # Either side may hang up in the middle of anything.
        with client, self._connected() as server, suppress(OSError):
            other, asking = {client: server, server: client}, False
            while ready := self._ready(client, server):
                for source in ready:
                    words = source.recv(PIECE)
                    if not words:
                        return
                    if source is client and not asking:
                        self._count()
                    asking = source is client
                    other[source].sendall(words)

    def _ready(self, *sockets: socket.socket) -> list[socket.socket]:
        """Those that have something to read; none once the proxy ends."""
        ready = select.select([self._ending, *sockets], [], [])[0]
        return [] if self._ending in ready else ready

    def _connected(self) -> socket.socket:
        if self._target.scheme == "unix":
            server = socket.socket(socket.AF_UNIX)
            server.connect(unquote(self._target.path))
            return server
        assert self._target.port
        return socket.create_connection((self._target.hostname or "", self._target.port))

    def _count(self) -> None:
        with self._counting:
            self.round_trips += 1


Words = list[bytes]
Edit = Callable[[Words], Words]


def error(text: str) -> Words:
    """A command that brings this error."""
    return [b"EVAL", b"return redis.error_reply(ARGV[1])", b"0", text.encode()]


UNKNOWN = "ERR unknown command `{}`, with args beginning with: "


def refusing(*names: str, how: str = UNKNOWN) -> Edit:
    """Refuses commands as a server does that does not know them."""

    def edit(words: Words) -> Words:
        name = words[0].decode().upper()
        return error(how.format(name)) if name in names else words

    return edit


class StrangeRedis:
    """Listens on loopback and passes each command, as `edit` will have it, to the server at `url`.

    Answers pass as they are.
    """

    def __init__(self, url: str, edit: Edit) -> None:
        self.asked: list[str] = []
        """The names of the commands that came."""
        self._target = urlsplit(url)
        self._edit = edit
        self._server = _Listener(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"redis://127.0.0.1:{self._server.server_address[1]}/0"

    def __enter__(self) -> StrangeRedis:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[socketserver.StreamRequestHandler]:
        serve = self._serve

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                serve(self.connection, self.rfile)

        return Handler

    def _serve(self, client: socket.socket, asked: BinaryIO) -> None:
        place = (self._target.hostname or "", self._target.port or 0)
        with socket.create_connection(place) as server:
            back = threading.Thread(target=_pass_on, args=(server, client))
            back.start()
            # Either side may hang up in the middle of anything.
            with suppress(OSError, ValueError):
                while words := _command(asked):
                    self.asked.append(words[0].decode().upper())
                    server.sendall(_packed(self._edit(words)))
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            back.join()


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


def _command(asked: BinaryIO) -> Words:
    """The next command; nothing once the client hung up."""
    head = asked.readline()
    words = []
    for _ in range(int(head[1:]) if head else 0):
        length = int(asked.readline()[1:])
        words.append(asked.read(length + 2)[:-2])
    return words


def _packed(words: Words) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in words)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while words := source.recv(PIECE):
            target.sendall(words)
        target.shutdown(socket.SHUT_RDWR)
