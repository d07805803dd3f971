"""What stands in front of Flask: it begins and ends the passage of every request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from structlog.contextvars import clear_contextvars

from wxlogin.engines import Engines
from wxlogin.guard.answers import bind_exit
from wxlogin.guard.bodies import MAX_BYTES, StrictJson
from wxlogin.guard.cookies import NoSessions
from wxlogin.guard.gate import bind_entrance
from wxlogin.guard.passage import Environ, enter
from wxlogin.vault.held import held

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication


def bind_guard(app: Flask, engines: Engines) -> None:
    """Hang the guard round the app, before anything else hangs hooks."""
    app.json = StrictJson(app)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES
    app.session_interface = NoSessions()
    # A path has one form. A redirect to the tidy one would name the scheme behind the proxies.
    app.url_map.merge_slashes = False
    bind_entrance(app, engines)
    bind_exit(app, engines)
    app.wsgi_app = Front(app.wsgi_app, engines)  # type: ignore[method-assign]


class Front:
    """The WSGI app that gunicorn calls."""

    def __init__(self, inner: WSGIApplication, engines: Engines) -> None:
        self._inner = inner
        self._hops = engines.settings.trusted_hops

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; what a worker knew of it is forgotten with it."""
        enter(environ, self._hops)
        try:
            return self._inner(environ, start_response)
        finally:
            clear_contextvars()
            held.forget_touched()
