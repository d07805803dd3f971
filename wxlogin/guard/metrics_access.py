"""Who may read /metrics: a monitor on this machine, or one with the token of the settings."""

from __future__ import annotations

import hmac
import ipaddress

from flask import Request

from wxlogin import errors
from wxlogin.errors import ApiError
from wxlogin.guard.client_address import client_address
from wxlogin.guard.request_context import bearer_of

METRICS = "meta.metrics"
PROXIED = frozenset(
    {
        "HTTP_FORWARDED",
        "HTTP_VIA",
        "HTTP_X_FORWARDED_FOR",
        "HTTP_X_FORWARDED_HOST",
        "HTTP_X_FORWARDED_PROTO",
        "HTTP_X_REAL_IP",
    }
)
"""Headers that proxies add: with one of them a local peer may forward for anybody."""


def is_local_monitor(request: Request) -> bool:
    """Return whether a request for /metrics comes directly from a process on this machine.

    It needs neither HTTPS nor a token, and no limit applies.
    """
    if request.endpoint != METRICS or not PROXIED.isdisjoint(request.environ):
        return False
    peer = client_address(0, "", request.remote_addr or "")
    return bool(peer) and ipaddress.ip_address(peer).is_loopback


def require_monitor(metrics_token: str | None, request: Request) -> None:
    """Raise NOT_FOUND, as for an unknown path, unless the monitor is local or has the token."""
    token = bearer_of(request.environ) or ""
    if not is_local_monitor(request) and not (metrics_token and _same(token, metrics_token)):
        raise ApiError(errors.NOT_FOUND)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
