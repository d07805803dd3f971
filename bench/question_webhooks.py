"""Fills the tables of webhooks: one endpoint and what it was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, insert

from bench.question_data import write
from wxlogin.models import WebhookDelivery, WebhookEvent
from wxlogin.outbox import EventType
from wxlogin.services import Services
from wxlogin.sessions.tokens import new_public_id

APART = 60
"""Seconds between two deliveries."""


def fill(services: Services, sql: Engine, count: int, now: float) -> str:
    """Make an endpoint that was sent so many events, and is paused; its public id."""
    url = "https://receiver.example/hook"
    endpoint, _secret = services.webhooks.endpoints.create(url, list(EventType), (), "bench")
    services.webhooks.endpoints.change(endpoint, enabled=False)
    times = [datetime.fromtimestamp(now - APART * (count - n), UTC) for n in range(count)]
    write(sql, insert(WebhookEvent), (_event(n, at) for n, at in enumerate(times)))
    write(sql, insert(WebhookDelivery), _deliveries(endpoint.id, times))
    return endpoint.public_id


def _event(number: int, at: datetime) -> dict[str, Any]:
    user = new_public_id()
    return {
        "public_id": f"evt{number:020}",
        "type": EventType.USER_LOGGED_IN.value,
        "user": user,
        "app": "wx0123456789abcdef",
        "session": new_public_id(),
        "at": at,
        "body": json.dumps({"type": "user.logged_in", "data": {"user": user}}),
    }


def _deliveries(endpoint: int, times: list[datetime]) -> Iterator[dict[str, Any]]:
    for number, at in enumerate(times):
        failed = number % 50 == 0
        yield {
            "event_id": number + 1,
            "endpoint_id": endpoint,
            "user": None,
            "at": at,
            "began_at": at,
            "attempts": 9 if failed else 1,
            "attempted_at": at,
            "status_code": 500 if failed else 204,
            "delivered_at": None if failed else at,
        }
