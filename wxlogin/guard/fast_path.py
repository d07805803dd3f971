"""The WSGI app in front of Flask: it begins and ends every request.

The calls that are made most are answered here where all is well, since Flask would cost more than
all the rest: `GET /v1/auth`, which a gateway asks at every business call, and `GET /v1/session`,
which a mini-program asks whenever it is opened. Flask answers everything else, and every refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple, cast

from flask import Flask
from structlog.contextvars import clear_contextvars

from config import Settings
from wxlogin.clock import Clock
from wxlogin.guard.access_log import access_lines
from wxlogin.guard.bodies import MAX_BYTES, StrictJson
from wxlogin.guard.cookies import NoSessions
from wxlogin.guard.gate import authenticate, bind_request_hooks, check_connection
from wxlogin.guard.request_context import Caller, Environ, RequestInfo, begin_request
from wxlogin.guard.request_metrics import measure
from wxlogin.guard.request_signing import (
    ENVIRON_KEYS,
    SigningRules,
    require_original_signature,
)
from wxlogin.guard.response_hooks import (
    NO_STORE,
    bind_response_hooks,
    block_secrets,
    common_headers,
)
from wxlogin.limits.rate_limits import UserLimit
from wxlogin.services import Limits, Sessions
from wxlogin.sessions import Session
from wxlogin.vault.assertions import Assertions
from wxlogin.vault.leak_guard import leak_guard
from wxlogin.watch.recorder import Recorder

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication


PATH, ENDPOINT = "/v1/auth", "auth.authorize"
STATUS_LINES = {200: "200 OK", 204: "204 NO CONTENT"}
EMPTY = {200: (("Content-Length", "0"),)}
"""What says that there is no body, where the status does not."""
LIMITS: tuple[UserLimit, ...] = ("api_openid",)
"""The limits of the user that a fast-path call counts, whether Flask answers it or not."""
BODY_KEYS = ("CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_TRANSFER_ENCODING")

NOT_BARE = frozenset({"CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING", *ENVIRON_KEYS.values()})
"""What a request with a body or a signature has. A Content-Type says nothing: wx.request sends one
with each call."""

Headers = list[tuple[str, str]]


class FastPathAnswer(NamedTuple):
    """The answer to a fast-path call: status, its own headers with those of the body, body."""

    status: int
    headers: Headers
    body: bytes = b""


class FastPathCall(NamedTuple):
    """A call that is answered in front of Flask: the view that it replaces, and the answer."""

    endpoint: str
    answer: Callable[[Caller], FastPathAnswer]
    check: Callable[[SigningRules, Caller, Environ], None] | None = None
    """Checks the signature. Without one a signed request is Flask's."""


def bind_guard(
    app: Flask,
    settings: Settings,
    clock: Clock,
    limits: Limits,
    sessions: Sessions,
    recorder: Recorder,
) -> None:
    """Put the guard around the app, before anything else binds hooks."""
    app.json = StrictJson(app)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES
    app.session_interface = NoSessions()
    # A path has one form. A redirect to the tidy one would name the scheme behind the proxies.
    app.url_map.merge_slashes = False
    https = settings.require_https
    bind_request_hooks(app, require_https=https)
    bind_response_hooks(app, limits.failures, recorder, require_https=https)
    rules = SigningRules(settings, clock, sessions.nonces)
    app.wsgi_app = FastPathMiddleware(  # type: ignore[method-assign]
        app.wsgi_app, rules, limits, sessions, recorder
    )


def add_fast_path(app: Flask, path: str, call: FastPathCall) -> None:
    """Answer the GET calls of a path in front of Flask; the view stays, for all else."""
    cast("FastPathMiddleware", app.wsgi_app).calls[path] = call


class FastPathMiddleware:
    """The WSGI app that gunicorn calls."""

    def __init__(
        self,
        inner: WSGIApplication,
        rules: SigningRules,
        limits: Limits,
        sessions: Sessions,
        recorder: Recorder,
    ) -> None:
        self._inner = inner
        self._rules = rules
        self._limits = limits
        self._sessions = sessions
        self._recorder = recorder
        self._hops = rules.settings.trusted_hops
        self._require_https = rules.settings.require_https
        self._auth = FastPathCall(ENDPOINT, self._identify, require_original_signature)
        self.calls: dict[str, FastPathCall] = {}
        """The other fast-path calls, by their paths."""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; then clear its log context and the secrets tracked for it."""
        info = begin_request(environ, self._hops)
        try:
            call = self._fast_path_call(info, environ)
            answered = self._answer(call, info, environ) if call else None
            if answered is None:
                return self._inner(environ, start_response)
            start_response(STATUS_LINES[answered.status], answered.headers)
            return (answered.body,)
        finally:
            clear_contextvars()
            leak_guard.end_request()

    def _fast_path_call(self, info: RequestInfo, environ: Environ) -> FastPathCall | None:
        if _is_auth_call(info.path):
            _normalize(environ)
            return self._auth if info.method != "HEAD" else None
        call = self.calls.get(info.path) if info.method == "GET" else None
        return call if call and _is_bare(environ) else None

    def _answer(
        self, call: FastPathCall, info: RequestInfo, environ: Environ
    ) -> FastPathAnswer | None:
        """Answer a fast-path call; None where Flask has to render a refusal."""
        info.endpoint = call.endpoint
        rates, https = self._limits.rates, self._require_https
        try:
            check_connection(info, require_https=https)
            caller = authenticate(rates, self._sessions, info, environ, LIMITS)
            if call.check:
                call.check(self._rules, caller, environ)
            status, own, body = call.answer(caller)
            said = [*(value for _, value in own), body.decode("latin-1")]
            block_secrets(self._recorder, info, "\n".join(said))
            info.status = status
            common = common_headers(info, page=False, require_https=https)
            access_lines.add(info)
            measure(info)
        except Exception as fault:
            info.fault = fault
            return None
        last = () if body else (NO_STORE, *EMPTY.get(status, ()))
        return FastPathAnswer(status, [*own, *common, *last], body)

    def _identify(self, caller: Caller) -> FastPathAnswer:
        named = identity_headers(self._sessions.assertions, caller.session)
        return FastPathAnswer(int(self._rules.settings.auth_status), list(named.items()))


def identity_headers(assertions: Assertions | None, session: Session) -> dict[str, str]:
    """Return the headers that say who the caller is."""
    headers = {
        "X-Wxlogin-User": session.user,
        "X-Wxlogin-App": session.app,
        "X-Wxlogin-Session": session.sid,
        "X-Wxlogin-Person": session.ids.person,
        "X-Wxlogin-External-Id": session.ids.external_id,
    }
    if assertions is not None:
        claims = {
            "sub": session.user,
            "sid": session.sid,
            "appid": session.app,
            "person": session.ids.person,
            "external_id": session.ids.external_id,
        }
        known = {name: value for name, value in claims.items() if value}
        headers["X-Wxlogin-Assertion"] = assertions.sign(known, session.deadline // 1000)
    return {name: value for name, value in headers.items() if value}


def _is_auth_call(path: str) -> bool:
    """Return whether this is a gateway's call; some append the path of the business call."""
    return path == PATH or path.startswith(f"{PATH}/")


def _normalize(environ: Environ) -> None:
    """Make the call `GET /v1/auth` without a body, as Flask knows it.

    Some gateways keep the method of the business call, append its path or copy its body. A HEAD
    stays one: its refusal has no body.
    """
    environ["PATH_INFO"] = PATH
    if environ["REQUEST_METHOD"] != "HEAD":
        environ["REQUEST_METHOD"] = "GET"
    environ["wsgi.input"] = BytesIO()
    for name in BODY_KEYS:
        environ.pop(name, None)


def _is_bare(environ: Environ) -> bool:
    """Return whether a request has neither a body nor a signature."""
    return NOT_BARE.isdisjoint(environ)
