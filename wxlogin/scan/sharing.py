"""Which pages of other origins may make a browser call us (CORS): those of WXLOGIN_WEB_ORIGINS."""

from __future__ import annotations

from collections.abc import Collection

from flask import Request, Response

METHODS = "POST"
HEADERS = "Content-Type"
EXPOSED = "Retry-After, X-Request-Id"
REMEMBERED_SECONDS = "600"


def share(request: Request, response: Response, origins: Collection[str]) -> None:
    """Let the page that asks read the answer, if its origin is one of these; no cookie goes along.

    A browser asks by OPTIONS first, since the body is JSON.
    """
    response.vary.add("Origin")
    origin = request.headers.get("Origin", "")
    if origin not in origins:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Allow-Headers"] = HEADERS
        response.headers["Access-Control-Max-Age"] = REMEMBERED_SECONDS
