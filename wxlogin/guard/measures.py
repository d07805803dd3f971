"""What every answered request adds to the numbers of /metrics."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

from wxlogin.guard.passage import Passage
from wxlogin.watch import metrics

NO_VIEW = "none"
"""The endpoint of what no view answers: whatever a caller made up is one series."""


def measure(passage: Passage) -> None:
    """Count a request that is answered, and what became of a login or of open data."""
    endpoint = passage.endpoint or NO_VIEW
    _observing(endpoint, passage.status)(time.perf_counter() - passage.began)
    if endpoint == "login.sign_in":
        metrics.login(passage.refusal or metrics.OK).inc()
    elif endpoint.startswith("decrypt."):
        call = endpoint.removeprefix("decrypt.")
        metrics.decryption(call, passage.refusal or metrics.OK).inc()


@cache
def _observing(endpoint: str, status: int) -> Callable[[float], None]:
    """What takes the seconds of such a request; put together once, as every request needs it."""
    return metrics.request(endpoint, f"{status // 100}xx").observe
