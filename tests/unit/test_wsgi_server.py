"""The server that the tests serve with."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator

from werkzeug.wrappers import Request, Response

from tests.harness.wsgi_server import wsgi_server

RESET = struct.pack("ii", 1, 0)


def test_a_response_is_closed_although_the_caller_reset_the_connection() -> None:
    file = AssetFile()
    # Without a length the response comes in chunks, and the last of them meets the reset instead.
    answer = Response(file, headers={"Content-Length": "5"}, direct_passthrough=True)
    server = wsgi_server(Request.application(lambda _: answer))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        with socket.create_connection(("127.0.0.1", server.port)) as caller:
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            caller.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert file.written.wait(10)
        file.reset.set()
        assert file.closed.wait(10)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class AssetFile:
    """A file whose end comes after the caller went away."""

    def __init__(self) -> None:
        self.written, self.reset, self.closed = (threading.Event() for _ in range(3))

    def __iter__(self) -> Iterator[bytes]:
        yield b"asset"
        self.written.set()
        assert self.reset.wait(10)

    def close(self) -> None:
        self.closed.set()
