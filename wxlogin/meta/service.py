"""What the service reports about itself."""

from __future__ import annotations

from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from wxlogin import errors, metrics
from wxlogin.doctor.invitation import is_invited
from wxlogin.errors import ApiError
from wxlogin.guard.request_context import RequestInfo
from wxlogin.meta.schemas import Key, KeySet, Readiness
from wxlogin.openapi import with_csv
from wxlogin.outbox.deliveries import Deliveries
from wxlogin.outbox.payloads import webhooks_section
from wxlogin.sessions import SessionStore
from wxlogin.vault.assertions import Assertions
from wxlogin.watch import readiness as readiness_checks

KEYS_LIVE = 300
"""Seconds for which a service may keep the public keys."""


def readiness(checks: readiness_checks.Readiness) -> Readiness:
    """Return whether sessions can be answered and written, and how each part is."""
    found = checks.verdict()
    return Readiness(status=found.status, **found._asdict())


def document(api_doc: dict[str, Any]) -> dict[str, Any]:
    """Return the OpenAPI document of the calls, with the webhooks that are sent."""
    return {**with_csv(api_doc), "webhooks": webhooks_section()}


def key_set(assertions: Assertions | None) -> KeySet:
    """Return the public keys of assertions; NOT_FOUND where none are signed."""
    if assertions is None:
        raise ApiError(errors.NOT_FOUND)
    return KeySet(keys=[Key(**key._asdict()) for key in assertions.public_keys])


def exposition(store: SessionStore, deliveries: Deliveries) -> bytes:
    """Return the metrics in Prometheus' text form, without what a store that is out would say."""
    try:
        live = store.live.count()
    except RedisError:
        live = None
    try:
        queue = deliveries.queue()
    except SQLAlchemyError:
        queue = None
    return metrics.exposition(live, queue)


def require_doctor(redis: Redis, nonce: str) -> None:
    """NOT_FOUND, as for an unknown path, unless the doctor made this nonce a moment ago."""
    if not is_invited(redis, nonce):
        raise ApiError(errors.NOT_FOUND)


def arrival(info: RequestInfo, forwarded_for: str) -> dict[str, str | bool]:
    """Return how a call arrived: what proxies wrote, and what wxlogin makes of it."""
    return {"forwarded_for": forwarded_for, "address": info.address, "https": info.https}
