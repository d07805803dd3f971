"""Request ids: every answer has one; a valid one that comes in is kept."""

from __future__ import annotations

import re
import secrets

from flask import Response, g, request

HEADER = "X-Request-Id"
VALID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id() -> str:
    """The id of the request at hand."""
    if "request_id" not in g:
        given = request.headers.get(HEADER, "")
        g.request_id = given if VALID.fullmatch(given) else secrets.token_urlsafe(12)
    return str(g.request_id)


def answer_request_id(response: Response) -> Response:
    """Name the request in its answer."""
    response.headers[HEADER] = request_id()
    return response
