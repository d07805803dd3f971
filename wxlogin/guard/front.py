"""What stands in front of Flask: it begins and ends the passage of every request.

`GET /v1/auth` is answered here where all is well, since nginx asks it at every business call and
Flask would cost more than all the rest. Flask answers everything else, and every refusal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from structlog.contextvars import clear_contextvars

from wxlogin.engines import Engines
from wxlogin.guard.answers import UNKEPT, bind_exit, carried, conclude, refuse_secrets
from wxlogin.guard.bodies import MAX_BYTES, StrictJson
from wxlogin.guard.cookies import NoSessions
from wxlogin.guard.gate import admit, bind_entrance, let_in
from wxlogin.guard.limits import UserLimit
from wxlogin.guard.passage import Environ, Passage, enter
from wxlogin.guard.signed_requests import require_original_signature
from wxlogin.sessions import Session
from wxlogin.vault.held import held

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication


PATH, ENDPOINT = "/v1/auth", "auth.authorize"
LIMITS: tuple[UserLimit, ...] = ("api_openid",)
"""What the call charges its user, whoever answers it."""


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
        self._engines = engines

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; what a worker knew of it is forgotten with it."""
        here = enter(environ, self._engines.settings.trusted_hops)
        try:
            headers = self._who_asks(here, environ) if _asks_who(environ) else None
            if headers is None:
                return self._inner(environ, start_response)
            start_response("204 NO CONTENT", headers)
            return ()
        finally:
            clear_contextvars()
            held.forget_touched()

    def _who_asks(self, here: Passage, environ: Environ) -> list[tuple[str, str]] | None:
        """The headers of the answer; None where Flask has to tell what was found instead."""
        engines = self._engines
        here.endpoint = ENDPOINT
        try:
            let_in(engines, here)
            caller = admit(engines, here, environ, LIMITS)
            require_original_signature(engines, caller, environ)
            told = identity(caller.session)
            refuse_secrets(engines, here, "\n".join(told.values()))
            here.status = 204
            headers = [*told.items(), *carried(engines, here, page=False), UNKEPT]
            conclude(engines, here)
        except Exception as fault:
            here.fault = fault
            return None
        return headers


def identity(session: Session) -> dict[str, str]:
    """Who asks, in headers."""
    return {
        "X-Wxlogin-User": session.tag,
        "X-Wxlogin-App": session.app,
        "X-Wxlogin-Session": session.sid,
    }


def _asks_who(environ: Environ) -> bool:
    """Whether this is the call that nginx makes; one with a body, which has none, is Flask's."""
    return (
        environ.get("PATH_INFO") == PATH
        and environ["REQUEST_METHOD"] == "GET"
        and environ.get("CONTENT_LENGTH", "") in ("", "0")
        and "HTTP_TRANSFER_ENCODING" not in environ
    )
