"""Transport: HTTPS where it is required, and the headers that every answer carries."""

from __future__ import annotations

from functools import cache

from wxlogin.guard.address import hop

PROBES = frozenset({"meta.healthz", "meta.readyz"})
"""What load balancers ask from inside, in clear and often; the answers tell nothing of anybody."""

ALWAYS = {"X-Content-Type-Options": "nosniff"}
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
OF_DATA = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
# Under no-referrer a browser would send the forms of our own pages with `Origin: null`.
OF_PAGES = {"Content-Security-Policy": PAGE_POLICY, "Referrer-Policy": "same-origin"}


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


@cache
def protection(*, page: bool, pinned: bool) -> tuple[tuple[str, str], ...]:
    """The headers that protect an answer: a page or data, which pins its host to HTTPS or not."""
    headers = {**ALWAYS, **(OF_PAGES if page else OF_DATA)}
    if pinned:
        headers["Strict-Transport-Security"] = HSTS
    return tuple(headers.items())
