"""The site's app on a unix socket, as systemd or gunicorn holds one for the proxy."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.harness.site import Site
from tests.harness.wsgi_server import wsgi_server


@contextmanager
def on_socket(site: Site) -> Iterator[Path]:
    """Serve on a socket until the block ends; its path is short, as the kernel wants it."""
    with tempfile.TemporaryDirectory(prefix="wxl-") as directory:
        path = Path(directory) / "http.sock"
        server = wsgi_server(site.app, f"unix://{path}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield path
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
