"""Transport: HTTPS where it is required, and the headers that every answer carries."""

from __future__ import annotations

from flask import Flask, Response, request

from wxlogin import errors
from wxlogin.engines import engines
from wxlogin.errors import ApiError
from wxlogin.guard.address import hop

PROBES = frozenset({"meta.healthz", "meta.readyz"})
"""What load balancers ask from inside, in clear and often; the answers tell nothing of anybody."""

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
# A year. The names below ours are not ours to bind.
HSTS = "max-age=31536000"
PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"


def bind_transport(app: Flask) -> None:
    """Judge the transport before anything else, and put the headers on every answer."""
    # A path has one form. A redirect to the tidy one would name the scheme behind the proxies.
    app.url_map.merge_slashes = False
    app.before_request(_require_https)
    app.after_request(_protect)


def over_https(hops: int, forwarded: str, scheme: str) -> bool:
    """Whether the client's own connection, in front of `hops` trusted proxies, was HTTPS.

    Without proxies the connection's scheme counts. A proxy either adds its scheme to
    X-Forwarded-Proto, and then the entry that many from the right is the client's, or it replaces
    the header, and then the one that is left is the word of the nearest proxy, which is trusted.
    Anything between, as nothing at all, is no HTTPS.
    """
    if not hops:
        return scheme == "https"
    only = "" if "," in forwarded else forwarded.strip()
    return (only or hop(hops, forwarded)).lower() == "https"


def _over_https() -> bool:
    forwarded = request.headers.get("X-Forwarded-Proto", "")
    return over_https(engines.settings.trusted_hops, forwarded, request.scheme)


def _require_https() -> None:
    if engines.settings.require_https and request.endpoint not in PROBES and not _over_https():
        raise ApiError(errors.HTTPS_REQUIRED)


def _protect(response: Response) -> Response:
    response.headers.update(ALWAYS)
    response.headers.setdefault("Cache-Control", "no-store")
    page = response.mimetype == "text/html"
    response.headers["Content-Security-Policy"] = PAGE_POLICY if page else DATA_POLICY
    if engines.settings.require_https and _over_https():
        response.headers["Strict-Transport-Security"] = HSTS
    return response
