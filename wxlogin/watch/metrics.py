"""What Prometheus reads: counters and times, without anybody's id.

The lowest layer, so that all others may count. Every label's values are few and fixed: endpoints of
the URL map, codes of the error catalogue, names from our own code. Under gunicorn the workers share
their numbers through files (deploy/gunicorn.conf.py); elsewhere a process tells its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
OK = "ok"
"""The result of what was not refused; other results are codes of the error catalogue."""

# Each bucket is a series of its own; these are about as many as a graph can show.
LONG = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SHORT = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)

disable_created_metrics()  # type: ignore[no-untyped-call]
_own = CollectorRegistry()

REQUESTS = Histogram(
    "wxlogin_request_seconds",
    "Seconds from the first look at a request to its answer.",
    ["endpoint", "status"],
    buckets=LONG,
    registry=_own,
)
LOGINS = Counter("wxlogin_logins", "Logins by what became of them.", ["result"], registry=_own)
DECRYPTIONS = Counter(
    "wxlogin_decryptions",
    "Open data calls by what became of them.",
    ["call", "result"],
    registry=_own,
)
WECHAT = Histogram(
    "wxlogin_wechat_seconds",
    "Seconds of a call to WeChat.",
    ["api", "result"],
    buckets=LONG,
    registry=_own,
)
REDIS = Histogram(
    "wxlogin_redis_seconds",
    "Seconds of a round trip to Redis, by the last script that it ran.",
    ["script"],
    buckets=SHORT,
    registry=_own,
)
SQL = Histogram(
    "wxlogin_sql_seconds",
    "Seconds of a statement of SQL.",
    ["statement"],
    buckets=SHORT,
    registry=_own,
)
RATE_LIMITED = Counter(
    "wxlogin_rate_limited", "Requests that a limit refused.", ["limit"], registry=_own
)
EVENTS = Counter("wxlogin_security_events", "Security events.", ["kind"], registry=_own)
ALERTS = Counter("wxlogin_alerts", "Rules that fired.", ["rule"], registry=_own)

# `labels` looks a child up under a lock each time; these remember it. A child counts itself, as
# `login("ok").inc()` or `redis("read").observe(seconds)`.
request = cache(REQUESTS.labels)
login = cache(LOGINS.labels)
decryption = cache(DECRYPTIONS.labels)
wechat = cache(WECHAT.labels)
redis = cache(REDIS.labels)
sql = cache(SQL.labels)
rate_limited = cache(RATE_LIMITED.labels)
event = cache(EVENTS.labels)
alert = cache(ALERTS.labels)


def begin(kinds: Iterable[str], rules: Iterable[str]) -> None:
    """Tell of these kinds of events and rules from 0 on: a rise from nothing would not be seen."""
    for kind in kinds:
        event(kind)
    for rule in rules:
        alert(rule)


def exposition(live_sessions: int | None) -> bytes:
    """All numbers in Prometheus' text form, of all workers where they share them.

    `live_sessions` is asked for with each scrape; None, where Redis is out, leaves it away.
    """
    registry = CollectorRegistry()
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    except ValueError:  # the library's word for a process that shares with no other
        registry.register(_own)
    registry.register(_LiveSessions(live_sessions))
    return generate_latest(registry)


class _LiveSessions(Collector):
    """A gauge that is told rather than kept: no worker knows it better than another."""

    def __init__(self, count: int | None) -> None:
        self._count = count

    def collect(self) -> Iterator[Metric]:
        if self._count is not None:
            yield GaugeMetricFamily("wxlogin_live_sessions", "Sessions that are live.", self._count)
