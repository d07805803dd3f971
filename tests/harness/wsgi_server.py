"""Werkzeug's server for the tests, made to close the response of every caller."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.serving import BaseWSGIServer, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def wsgi_server(app: WSGIApplication, host: str = "127.0.0.1") -> BaseWSGIServer:
    """Serve an app in a thread for each connection, on a free port or `unix://` path.

    Werkzeug leaves a response open whose caller resets the connection meanwhile: it reads what
    is left of the request before it closes the response. Browsers reset often.
    """

    def closing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        response = app(environ, start_response)
        try:
            yield from response
        finally:
            if hasattr(response, "close"):
                response.close()

    return make_server(host, 0, closing, threaded=True)


@contextmanager
def served(app: WSGIApplication) -> Iterator[str]:
    """Serve an app until the block ends; where."""
    server = wsgi_server(app)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
