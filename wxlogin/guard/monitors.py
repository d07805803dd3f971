"""Who may read /metrics: a monitor on this machine, or one with the token of the settings."""

from __future__ import annotations

import hmac
import ipaddress

from flask import Request

from config import Settings
from wxlogin import errors
from wxlogin.errors import ApiError
from wxlogin.guard.address import seen_through
from wxlogin.guard.authentication import bearer_of

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
"""What proxies add: with one of them a request from this machine may be anybody's."""


def is_monitor_beside(request: Request) -> bool:
    """Whether a request for the numbers comes straight from a process on this machine.

    Such a one needs neither HTTPS nor a token, and no limit keeps it out.
    """
    if request.endpoint != METRICS or not PROXIED.isdisjoint(request.environ):
        return False
    peer = seen_through(0, "", request.remote_addr or "")
    return bool(peer) and ipaddress.ip_address(peer).is_loopback


def require_monitor(settings: Settings, request: Request) -> None:
    """NOT_FOUND, as for any address where there is nothing, for all others."""
    token = bearer_of(request.environ) or ""
    wanted = settings.metrics_token
    if not is_monitor_beside(request) and not (wanted and _same(token, wanted)):
        raise ApiError(errors.NOT_FOUND)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
