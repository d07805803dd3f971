"""What operators do with webhooks."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import urlsplit

from wxlogin.accounts import Apps
from wxlogin.admin.apps.service import require_registered
from wxlogin.admin.paging import Part, Position, part, row_id
from wxlogin.admin.short_lists import part_of
from wxlogin.admin.times import iso_or_none, iso_time
from wxlogin.admin.webhooks.schemas import (
    ChangeWebhookBody,
    DeliveryItem,
    DeliveryQuery,
    NewWebhookBody,
    WebhookItem,
    WebhookQuery,
    WebhookSecret,
)
from wxlogin.models import WebhookEndpoint
from wxlogin.outbox import Webhooks
from wxlogin.outbox.endpoints import Endpoints
from wxlogin.outbox.errors import DeliveryNotFound
from wxlogin.outbox.history import Delivered, DeliveryFilter, History
from wxlogin.watch.audit import Actor, Audit

LONGEST_ID = 18
"""Digits of a row id that every database can compare."""


def list_webhooks(
    endpoints: Endpoints, query: WebhookQuery, limit: int, after: Position | None = None
) -> Part[WebhookItem]:
    """Return up to `limit` endpoints that the query asks for, newest first unless it says so."""
    return part_of(_wanted(endpoints, query), query, limit, after, item, lambda row: row.id)


def count_webhooks(endpoints: Endpoints, query: WebhookQuery) -> int:
    """Return how many endpoints the query asks for."""
    return len(_wanted(endpoints, query))


def _wanted(endpoints: Endpoints, query: WebhookQuery) -> list[WebhookEndpoint]:
    return [row for row in endpoints.all() if query.state in (None, _state(row))]


def _state(row: WebhookEndpoint) -> str:
    if not row.enabled:
        return "paused"
    return "failing" if row.failing_since else "active"


def show(endpoints: Endpoints, webhook_id: str) -> WebhookItem:
    """Return one endpoint; NOT_FOUND if there is none of this id."""
    return item(endpoints.get(webhook_id))


def create(
    audit: Audit, endpoints: Endpoints, apps: Apps, actor: Actor, body: NewWebhookBody
) -> WebhookSecret:
    """Make an endpoint; the answer alone contains its secret.

    INVALID_REQUEST for a URL that nothing may be sent to, and for an appid that is not registered.
    """
    require_registered(apps, body.apps)
    made_by = actor.name.removeprefix("admin:")
    detail = {"host": _host(body.url), "events": sorted(set(body.events)), "apps": body.apps}
    with audit.act(actor, "webhook.create", "webhook:new", detail=detail) as act:
        endpoint, secret = endpoints.create(body.url, body.events, body.apps, made_by)
        act.detail["webhook"] = endpoint.public_id
    return WebhookSecret(id=endpoint.public_id, secret=secret)


def change(
    audit: Audit, endpoints: Endpoints, actor: Actor, webhook_id: str, body: ChangeWebhookBody
) -> WebhookItem:
    """Enable or disable an endpoint, or change what it gets."""
    endpoint = endpoints.get(webhook_id)
    detail = body.model_dump(exclude_none=True, mode="json")
    with audit.act(actor, "webhook.change", _target(webhook_id), detail=detail):
        endpoints.change(endpoint, enabled=body.enabled, events=body.events)
    return item(endpoint)


def replace_secret(
    audit: Audit, endpoints: Endpoints, actor: Actor, webhook_id: str
) -> WebhookSecret:
    """Give an endpoint another secret; both sign for a day."""
    endpoint = endpoints.get(webhook_id)
    with audit.act(actor, "webhook.replace_secret", _target(webhook_id)):
        secret = endpoints.replace_secret(endpoint)
    return WebhookSecret(id=webhook_id, secret=secret)


def remove(audit: Audit, endpoints: Endpoints, actor: Actor, webhook_id: str) -> WebhookItem:
    """Remove an endpoint with its deliveries; return it as it was."""
    endpoint = endpoints.get(webhook_id)
    removed = item(endpoint)
    detail = {"host": _host(endpoint.url)}
    with audit.act(actor, "webhook.remove", _target(webhook_id), detail=detail):
        endpoints.delete(endpoint)
    return removed


def test(
    audit: Audit, endpoints: Endpoints, history: History, actor: Actor, webhook_id: str
) -> DeliveryItem:
    """Send a test event at once, and return how that ended."""
    endpoint = endpoints.get(webhook_id)
    with audit.act(actor, "webhook.test", _target(webhook_id)) as act:
        delivery = _delivery(history.test(endpoint))
        act.detail["status"] = delivery.status
    return delivery


def list_deliveries(
    parts: Webhooks,
    webhook_id: str,
    query: DeliveryQuery,
    limit: int,
    after: Position | None = None,
) -> Part[DeliveryItem]:
    """Return up to `limit` deliveries of an endpoint, newest first unless the query says so.

    NOT_FOUND if there is no endpoint of this id.
    """
    endpoint, wanted = parts.endpoints.get(webhook_id), _deliveries(query)
    rows = parts.history.page(endpoint, limit + 1, before=row_id(after), wanted=wanted)
    return part(rows, limit, _delivery, lambda row: (row.delivery.id,))


def count_deliveries(parts: Webhooks, webhook_id: str, query: DeliveryQuery) -> int:
    """Return how many deliveries the query asks for, as `count_rows` counts."""
    return parts.history.count(parts.endpoints.get(webhook_id), _deliveries(query))


def _deliveries(query: DeliveryQuery) -> DeliveryFilter:
    oldest_first = query.order == "oldest"
    return DeliveryFilter(query.status, query.type, query.since, query.until, oldest_first)


def show_delivery(history: History, delivery_id: str) -> DeliveryItem:
    """Return one delivery; NOT_FOUND if there is none of this id."""
    return _delivery(history.get(_row_id(delivery_id)))


def replay(audit: Audit, history: History, actor: Actor, delivery_id: str) -> DeliveryItem:
    """Send a delivery once more, with its id and its body."""
    found = history.get(_row_id(delivery_id))
    detail = {"event": found.event.public_id}
    with audit.act(actor, "webhook.replay", f"delivery:{delivery_id}", detail=detail):
        return _delivery(history.replay(found.delivery.id))


def replay_each(audit: Audit, history: History, actor: Actor, delivery_ids: Iterable[str]) -> int:
    """Send these deliveries once more, each in an act of its own, and return how many.

    One that was purged meanwhile is passed over.
    """
    sent = 0
    for delivery_id in delivery_ids:
        with suppress(DeliveryNotFound):
            replay(audit, history, actor, delivery_id)
            sent += 1
    return sent


def item(row: WebhookEndpoint) -> WebhookItem:
    """Return an endpoint as the API shows it."""
    return WebhookItem(
        id=row.public_id,
        url=row.url,
        events=row.events.split(),
        apps=(row.apps or "").split(),
        enabled=row.enabled,
        paused_at=iso_or_none(row.paused_at),
        failing_since=iso_or_none(row.failing_since),
        previous_secret_until=iso_or_none(row.previous_until),
        made_by=row.made_by,
        created_at=iso_time(row.created_at),
    )


def _delivery(found: Delivered) -> DeliveryItem:
    row, event = found
    return DeliveryItem(
        id=str(row.id),
        event=event.public_id,
        type=event.type,
        status=row.state,
        attempts=row.attempts,
        status_code=row.status_code,
        fault=row.fault,
        body=event.body,
        created_at=iso_time(event.at),
        attempted_at=iso_or_none(row.attempted_at),
        next_at=iso_or_none(row.next_at),
        delivered_at=iso_or_none(row.delivered_at),
    )


def _row_id(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST_ID:
        raise DeliveryNotFound
    return int(text)


def _host(url: str) -> str:
    """Return the host of a URL: the rest of it may be secret."""
    return urlsplit(url).hostname or "" if "://" in url and "[" not in url else ""


def _target(webhook_id: str) -> str:
    return f"webhook:{webhook_id}"
