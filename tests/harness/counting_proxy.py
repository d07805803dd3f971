"""A proxy before Redis that counts round trips."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
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
        with client, self._connected() as server, contextlib.suppress(OSError):
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
