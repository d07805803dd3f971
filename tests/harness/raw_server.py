"""A server that sends exactly the bytes it is told to, however wrong they are."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

Answer = Callable[[socket.socket], None]
"""What happens on a connection once its request is read; then it is closed."""


class RawServer:
    """Listens on loopback, reads one request a connection, lets `answer` do the rest."""

    def __init__(self, answer: Answer) -> None:
        self.requests: list[bytes] = []
        self.stopping = threading.Event()
        """Set at the end; an answer that takes its time waits on it."""
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def base(self) -> str:
        """Its address as a URL."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> RawServer:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        # The client may have had enough of it.
        with connection, contextlib.suppress(OSError):
            request = b""
            while b"\r\n\r\n" not in request:
                request += connection.recv(65536)
            self.requests.append(request)
            self._answer(connection)


class TlsServer(RawServer):
    """Speaks TLS, with a certificate whose key lies beside it."""

    def __init__(self, answer: Answer, certificate: Path) -> None:
        super().__init__(answer)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, certificate.with_suffix(".key"))

    @property
    def base(self) -> str:
        """Its address as a URL."""
        return super().base.replace("http:", "https:")

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the client may not trust the certificate
            super()._serve(self._context.wrap_socket(connection, server_side=True))


def reply(
    body: bytes, status: str = "200 OK", content_type: str = "text/plain", **headers: str
) -> Answer:
    """An answer of one piece."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return raw("\r\n".join([*lines, "Connection: close", "", ""]).encode() + body)


def raw(sent: bytes) -> Answer:
    """An answer of exactly these bytes."""
    return lambda connection: connection.sendall(sent)
