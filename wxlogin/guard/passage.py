"""One request on its way through: found once from its WSGI environ, known to all who ask."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, cast

from flask import request
from structlog.contextvars import bind_contextvars

from wxlogin.guard.address import address_key, seen_through
from wxlogin.guard.request_id import request_id
from wxlogin.guard.transport import over_https
from wxlogin.sessions import Session, TokenRef

Environ = dict[str, Any]
PASSAGE = "wxlogin.passage"
"""Where a request's environ holds its passage."""


@dataclass(frozen=True)
class Caller:
    """Who asks: the verified token's reference, its live session, the session_key's deadline."""

    ref: TokenRef
    session: Session
    session_key_until: int


@dataclass(slots=True)
class Passage:
    """What is known of a request: at once, from its token on, and from its answer on."""

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
    endpoint: str | None = None
    """The view that answers; None where no view does."""
    user: str = ""
    """The public id of the user whose verified token came along."""
    caller: Caller | None = None
    """Who asks, once admitted."""
    fault: Exception | None = None
    """Why Flask has to refuse what was judged before it got the request."""
    status: int = 0
    refusal: str = ""
    """The code of the error catalogue with which the request was refused."""

    @property
    def milliseconds(self) -> float:
        """How long the request has taken so far."""
        return (time.perf_counter() - self.began) * 1000

    def raise_fault(self) -> None:
        """Raise what was found before, once."""
        fault, self.fault = self.fault, None
        if fault:
            raise fault

    def recognize(self, user: str) -> None:
        """Note whose token this is; every line of the request tells the public id."""
        self.user = user
        bind_contextvars(user=user)


def enter(environ: Environ, hops: int) -> Passage:
    """Begin a request's passage, seen through so many trusted proxies."""
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
    address = seen_through(hops, forwarded, environ.get("REMOTE_ADDR", ""))
    scheme = environ.get("HTTP_X_FORWARDED_PROTO", "")
    passage = environ[PASSAGE] = Passage(
        began=time.perf_counter(),
        request_id=request_id(environ.get("HTTP_X_REQUEST_ID", "")),
        method=environ["REQUEST_METHOD"],
        path=_text(environ.get("PATH_INFO", "")),
        address=address,
        address_key=address_key(address),
        https=over_https(hops, scheme, environ["wsgi.url_scheme"]),
    )
    bind_contextvars(request_id=passage.request_id)
    return passage


def passage() -> Passage:
    """The passage of the request that Flask has at hand."""
    return cast("Passage", request.environ[PASSAGE])


def _text(latin: str) -> str:
    """The UTF-8 that WSGI hands on as Latin-1."""
    return latin.encode("latin-1").decode(errors="replace")
