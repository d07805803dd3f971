"""What a process that serves does beside its requests: sending, counting, noting its keys."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

from wxlogin.services import Services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

EXTENSION = "wxlogin_background"
WAIT_SECONDS = 1.0
"""How long the first request waits for the start, which asks the stores."""


def start_with_first_request(app: Flask) -> None:
    """Start the background as soon as this process answers a request, unless it runs by then.

    For servers without the hooks of deploy/gunicorn.conf.py: `gunicorn wsgi:app`, `flask run`. A
    process forks before it answers, so the threads are the worker's.
    """
    app.extensions[EXTENSION] = _FirstRequest(app)
    app.wsgi_app = app.extensions[EXTENSION]  # type: ignore[method-assign]


def start(app: Flask) -> None:
    """Start the background now."""
    first: _FirstRequest | None = app.extensions.get(EXTENSION)
    if first is None or first.step_aside():
        _start(app)


def _start(app: Flask) -> None:
    services: Services = app.extensions["wxlogin"]
    services.watch.recorder.start()
    services.watch.statistics.start()
    services.webhooks.dispatcher.start()
    services.keyring.hosts.start()
    services.watch.certificate.start()


class _FirstRequest:
    """Stands before an app until the first request, and for longer where others stand before it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._inner = app.wsgi_app
        self._lock = threading.Lock()
        self._waits = True

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if self._waits and self.step_aside():
            self._start()
        return self._inner(environ, start_response)

    def step_aside(self) -> bool:
        """Step aside; return whether it still stood there."""
        with self._lock:
            waited, self._waits = self._waits, False
        if self._app.wsgi_app is self:
            self._app.wsgi_app = self._inner  # type: ignore[method-assign]
        return waited

    def _start(self) -> None:
        services: Services = self._app.extensions["wxlogin"]
        # Nothing else takes the note of this process away.
        atexit.register(services.keyring.hosts.stop)
        # A store that hangs must not hold up a request that needs none, such as /healthz.
        thread = threading.Thread(target=_start, args=(self._app,), name="background", daemon=True)
        thread.start()
        thread.join(WAIT_SECONDS)
