"""What is known of the current request: read once from its WSGI environ, kept in it."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from flask import request
from structlog.contextvars import bind_contextvars

from wxlogin.guard.client_address import address_key, client_address, over_https
from wxlogin.limits.key_functions import ADDRESS, OPENID
from wxlogin.limits.rate_limits import FailureLimit
from wxlogin.sessions import Session, TokenRef

Environ = dict[str, Any]
KEY = "wxlogin.request_info"
"""The key of the request's info in its WSGI environ."""

REQUEST_ID = "X-Request-Id"
VALID_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

PROBES = frozenset({"meta.healthz", "meta.readyz"})
"""Endpoints that load balancers call from inside, over HTTP and often; they reveal nothing."""


class Caller(NamedTuple):
    """The caller: the verified token's reference, its live session, the session_key's deadline."""

    ref: TokenRef
    session: Session
    session_key_until: int


@dataclass(slots=True)
class RequestInfo:
    """What is known of a request: at first, once its token is verified, once it is answered."""

    began: float
    """Of `time.perf_counter`."""
    request_id: str
    method: str
    path: str
    """Without the query, which is where callers put what they should not."""
    address: str
    """The client's, as canonical text; empty only for a peer on a unix socket."""
    address_key: str
    """What limits count the address by."""
    https: bool
    """Whether the client's own connection was HTTPS."""
    user_agent: str = ""
    """The header, as it came: the client's word."""
    endpoint: str | None = None
    """The view that answers; None where no view does."""
    user: str = ""
    """The public id of the user whose verified token came along."""
    is_proven: bool = False
    """Whether a token came along that verified: a user's, an admin's or a service's. Such a call is
    not refused for what others at its address did, and has limits of its own."""
    caller: Caller | None = None
    """Set once the session is read."""
    fault: Exception | None = None
    """Why the request was refused in front of Flask, which renders the refusal."""
    status: int = 0
    refusal: str = ""
    """The code of the error catalogue with which the request was refused."""
    failure: FailureLimit | None = None
    """What the refusal counts as against the address; None for refusals by policy."""

    @property
    def milliseconds(self) -> float:
        """Return how long the request has taken so far."""
        return (time.perf_counter() - self.began) * 1000

    def raise_fault(self) -> None:
        """Raise the fault that was found in front of Flask, once."""
        fault, self.fault = self.fault, None
        if fault:
            raise fault


def begin_request(environ: Environ, hops: int) -> RequestInfo:
    """Read a request that came through so many trusted proxies; every log line has its id."""
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
    address = client_address(hops, forwarded, environ.get("REMOTE_ADDR", ""))
    scheme = environ.get("HTTP_X_FORWARDED_PROTO", "")
    info = environ[KEY] = RequestInfo(
        began=time.perf_counter(),
        request_id=request_id(environ.get("HTTP_X_REQUEST_ID", "")),
        method=environ["REQUEST_METHOD"],
        path=_utf8(environ.get("PATH_INFO", "")),
        address=address,
        address_key=address_key(address),
        https=over_https(hops, scheme, environ["wsgi.url_scheme"]),
        user_agent=environ.get("HTTP_USER_AGENT", ""),
    )
    environ[ADDRESS] = info.address_key
    bind_contextvars(request_id=info.request_id)
    return info


def set_user(environ: Environ, info: RequestInfo, user: str) -> None:
    """Note whose verified token came; every further log line has the public id."""
    info.user = environ[OPENID] = user
    info.is_proven = True
    bind_contextvars(user=user)


def request_info() -> RequestInfo:
    """Return the info of the current request."""
    return cast("RequestInfo", request.environ[KEY])


def caller() -> Caller:
    """Return the caller of the current request, behind `guard_account`."""
    found = request_info().caller
    assert found is not None
    return found


def bearer_of(environ: Environ) -> str | None:
    """Return the token of the Authorization header; tokens are read from nowhere else."""
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def bearer_token() -> str | None:
    """Return the token that came with the current request."""
    return bearer_of(request.environ)


def request_id(given: str) -> str:
    """Return the id that came in, where it is valid; else a fresh one."""
    return given if VALID_REQUEST_ID.fullmatch(given) else secrets.token_urlsafe(12)


def _utf8(latin: str) -> str:
    """Decode what WSGI hands on as Latin-1."""
    return latin.encode("latin-1").decode(errors="replace")
