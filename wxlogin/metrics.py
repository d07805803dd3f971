"""Prometheus metrics: counters and histograms, without any user's id.

This is the lowest layer, so that all others can count. The values of each label are few and fixed:
endpoints of the URL map, codes of the error catalogue, names from our own code. Under gunicorn the
workers share their numbers through files (deploy/gunicorn.conf.py); elsewhere a process reports
its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
    values,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from wxlogin.unpatched import original

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
OK = "ok"
"""The `result` label of a success; other results are codes of the error catalogue."""

# Each bucket is a time series of its own, so there are few.
LONG = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SHORT = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)

WEBHOOK_OUTCOMES = ("delivered", "failed")

disable_created_metrics()  # type: ignore[no-untyped-call]
_own = CollectorRegistry()

REQUESTS = Histogram(
    "wxlogin_request_seconds",
    "Seconds from the first look at a request to its answer.",
    ["endpoint", "status"],
    buckets=LONG,
    registry=_own,
)
LOGINS = Counter("wxlogin_logins", "Logins by their result.", ["result"], registry=_own)
DECRYPTIONS = Counter(
    "wxlogin_decryptions",
    "Open data calls by their result.",
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
WEBHOOKS = Counter(
    "wxlogin_webhook_attempts",
    "Attempts to deliver an event to a webhook, by outcome.",
    ["outcome"],
    registry=_own,
)
ALERTS = Counter("wxlogin_alerts", "Rules that fired.", ["rule"], registry=_own)

# `labels` looks a child up under a lock each time; these cache it. Use a child as in
# `login("ok").inc()` or `redis("read").observe(seconds)`.
request = cache(REQUESTS.labels)
login = cache(LOGINS.labels)
decryption = cache(DECRYPTIONS.labels)
wechat = cache(WECHAT.labels)
redis = cache(REDIS.labels)
sql = cache(SQL.labels)
rate_limited = cache(RATE_LIMITED.labels)
webhook = cache(WEBHOOKS.labels)
event = cache(EVENTS.labels)
alert = cache(ALERTS.labels)


def enable_multiprocess(directory: str) -> None:
    """Share the numbers with all processes that use the directory; call this before any count.

    The library reads the environment variable only when it is imported, so this also replaces the
    class of its values. A forked process writes files of its own.
    """
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
    values.Lock = original("threading", "Lock")  # type: ignore[attr-defined]
    values.ValueClass = values.MultiProcessValue(own_pid)  # type: ignore[no-untyped-call]


own_pid = cache(os.getpid)
"""Returns the process's id; the library asks for it at each number, four times a request."""
os.register_at_fork(after_in_child=own_pid.cache_clear)


def initialize(kinds: Iterable[str], rules: Iterable[str]) -> None:
    """Export these kinds and rules from 0 on: Prometheus sees no increase in a new series."""
    for kind in kinds:
        event(kind)
    for rule in rules:
        alert(rule)
    for outcome in WEBHOOK_OUTCOMES:
        webhook(outcome)


def exposition(live_sessions: int | None, webhook_queue: tuple[int, float] | None = None) -> bytes:
    """Return all numbers in Prometheus' text format, of all workers if they share them.

    `live_sessions` is None while Redis is down, `webhook_queue` while the database is: how many
    deliveries wait, and for how many seconds the oldest has. These gauges are left out then.
    """
    registry = CollectorRegistry()
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    except ValueError:  # raised in a process that shares with no other
        registry.register(_own)
    count, age = webhook_queue or (None, None)
    for name, text, value in (
        ("wxlogin_live_sessions", "Sessions that are live.", live_sessions),
        ("wxlogin_webhook_queue", "Deliveries of webhooks that wait.", count),
        ("wxlogin_webhook_queue_seconds", "Seconds since the oldest of them waits.", age),
    ):
        registry.register(_Gauge(name, text, value))
    return generate_latest(registry)


class _Gauge(Collector):
    """A gauge that is computed for each scrape: the number is the same for all workers."""

    def __init__(self, name: str, text: str, value: float | None) -> None:
        self._name = name
        self._text = text
        self._value = value

    def collect(self) -> Iterator[Metric]:
        if self._value is not None:
            yield GaugeMetricFamily(self._name, self._text, self._value)
