"""A gevent worker of gunicorn that closes idle connections when it stops."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gevent
from gevent.monkey import MonkeyPatchWarning
from gunicorn.http.wsgi import Response
from gunicorn.workers.ggevent import GeventWorker

IDLE_SECONDS = 2.0
"""A connection without a request for this long is idle: proxies reuse the latest one first."""


class Worker(GeventWorker):  # type: ignore[misc]
    """Serves requests in greenlets.

    When it stops, gunicorn's own worker waits for the timeout of every kept-alive connection, and
    delays a restart. This one closes idle connections.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._idle: dict[gevent.Timeout, tuple[gevent.Greenlet, float]] = {}

    def patch(self) -> None:
        """Patch the modules that the master has not patched."""
        with warnings.catch_warnings():
            # Patching more than before is intended here.
            warnings.simplefilter("ignore", MonkeyPatchWarning)
            super().patch()

    @contextmanager
    def timeout_ctx(self) -> Iterator[None]:
        """Limit the wait for a connection's next request to `keepalive`."""
        with gevent.Timeout(self.cfg.keepalive, False) as timeout:  # noqa: FBT003 -- it raises none
            self._idle[timeout] = (gevent.getcurrent(), time.monotonic())
            try:
                yield
            finally:
                del self._idle[timeout]

    def notify(self) -> None:
        """Send the heartbeat to the master, once a second, and also while stopping."""
        super().notify()
        if not self.alive:
            self._close_idle()

    def _close_idle(self) -> None:
        for timeout, (greenlet, since) in list(self._idle.items()):
            if time.monotonic() - since > IDLE_SECONDS:
                gevent.kill(greenlet, timeout, block=False)


def _headers_without_server(response: Response) -> list[str]:
    """Return the header lines that gunicorn adds, without `Server`."""
    return [line for line in _default_headers(response) if not line.startswith("Server:")]


# No setting removes the Server header. Gunicorn's own refusals (400, 431) do not send it.
_default_headers = Response.default_headers
Response.default_headers = _headers_without_server
