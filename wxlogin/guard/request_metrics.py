"""The metrics of requests."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

from wxlogin import metrics
from wxlogin.guard.request_context import RequestInfo

NO_VIEW = "none"
"""The endpoint of all paths without a view, so that callers cannot create time series."""


def measure(info: RequestInfo) -> None:
    """Count an answered request, and the result of a login or of an open data call."""
    endpoint = info.endpoint or NO_VIEW
    _observe(endpoint, info.status)(time.perf_counter() - info.began)
    if endpoint == "login.sign_in":
        metrics.login(info.refusal or metrics.OK).inc()
    elif endpoint.startswith("decrypt."):
        call = endpoint.removeprefix("decrypt.")
        metrics.decryption(call, info.refusal or metrics.OK).inc()


@cache
def _observe(endpoint: str, status: int) -> Callable[[float], None]:
    """Return the function that records such a request's seconds; cached for speed."""
    return metrics.request(endpoint, f"{status // 100}xx").observe
