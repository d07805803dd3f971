"""What a process that serves does beside its requests: sending, counting, noting its keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

from wxlogin.services import Services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse


def start_with_first_request(app: Flask) -> None:
    """Start the background as soon as this process answers a request, unless it runs by then.

    For servers without the hooks of deploy/gunicorn.conf.py: `gunicorn wsgi:app`, `flask run`. A
    process forks before it answers, so the threads are the worker's.
    """
    app.wsgi_app = _FirstRequest(app)  # type: ignore[method-assign]


def start(app: Flask) -> None:
    """Start the background now."""
    if isinstance(app.wsgi_app, _FirstRequest):
        app.wsgi_app = app.wsgi_app.inner  # type: ignore[method-assign]
    services: Services = app.extensions["wxlogin"]
    services.watch.recorder.start()
    services.watch.statistics.start()
    services.webhooks.dispatcher.start()
    services.keyring.hosts.start()
    services.watch.certificate.start()


class _FirstRequest:
    """Stands before an app until the first request."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.inner = app.wsgi_app

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        start(self._app)
        return self.inner(environ, start_response)
