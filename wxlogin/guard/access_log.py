"""One line a request, and the context that every line of a request carries."""

from __future__ import annotations

import time

import structlog
from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from wxlogin.guard.address import client_address
from wxlogin.guard.redaction import redact
from wxlogin.guard.request_id import request_id
from wxlogin.guard.transport import PROBES

LONGEST_PATH = 200

logger = structlog.get_logger(__name__)


def bind_access_log(app: Flask) -> None:
    """Begin the context before all else, tell of the request after all else."""
    app.before_request(_begin)
    app.after_request(_tell)
    app.teardown_request(_end)


def _begin() -> None:
    g.began = time.perf_counter()
    clear_contextvars()
    bind_contextvars(request_id=request_id())


def _tell(response: Response) -> Response:
    """The path goes without its query, which is where callers put what they should not."""
    if request.endpoint not in PROBES:
        logger.info(
            "request",
            method=request.method,
            path=redact(request.path)[:LONGEST_PATH],
            status=response.status_code,
            ms=round((time.perf_counter() - g.began) * 1000, 1),
            address=client_address(),
        )
    return response


def _end(_error: BaseException | None) -> None:
    clear_contextvars()
