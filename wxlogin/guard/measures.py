"""What every answered request adds to the numbers of /metrics."""

from __future__ import annotations

from wxlogin.guard.passage import Passage
from wxlogin.watch import metrics

NO_VIEW = "none"
"""The endpoint of what no view answers: whatever a caller made up is one series."""


def measure(passage: Passage) -> None:
    """Count a request that is answered, and what became of a login or of open data."""
    endpoint = passage.endpoint or NO_VIEW
    metrics.request(endpoint, f"{passage.status // 100}xx").observe(passage.milliseconds / 1000)
    group, _, view = endpoint.partition(".")
    if endpoint == "login.sign_in":
        metrics.login(passage.refusal or metrics.OK).inc()
    elif group == "decrypt":
        metrics.decryption(view, passage.refusal or metrics.OK).inc()
