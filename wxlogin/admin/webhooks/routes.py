"""Webhooks: parse, one call, reply."""

from __future__ import annotations

from functools import partial

from flask import Response

from wxlogin import errors
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.list_answers import list_answer
from wxlogin.admin.paging import Page
from wxlogin.admin.schemas import ById, NoBody
from wxlogin.admin.webhooks import schemas, service
from wxlogin.guard.admin_gate import actor, permitted
from wxlogin.openapi import optional_body, refusals
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("webhooks", "Webhooks: what a team's own systems are told.")
ONE = {200: schemas.WebhookItem, **refusals(errors.NOT_FOUND)}
SENT = {200: schemas.DeliveryItem, **refusals(errors.NOT_FOUND)}


@api.get("/webhooks", responses={200: Page[schemas.WebhookItem]})
@permitted("webhooks.read")
def list_webhooks(query: schemas.WebhookQuery) -> Response:
    """List the webhooks, newest first."""
    read = partial(service.list_webhooks, services.webhooks.endpoints, query)
    return list_answer(schemas.WEBHOOKS, query, read, services.watch, services.limits.rates)


@api.post("/webhooks", responses={200: schemas.WebhookSecret})
@permitted("webhooks.write")
def create_webhook(body: schemas.NewWebhookBody) -> Response:
    """Make a webhook and answer its secret, this once."""
    audit, endpoints = services.watch.audit, services.webhooks.endpoints
    return answer(service.create(audit, endpoints, services.accounts.apps, actor(), body))


@api.get("/webhooks/<id>", responses=ONE)
@permitted("webhooks.read")
def show_webhook(path: ById) -> Response:
    """Show a webhook."""
    return answer(service.show(services.webhooks.endpoints, path.id))


@api.patch("/webhooks/<id>", responses=ONE)
@permitted("webhooks.write")
def change_webhook(path: ById, body: schemas.ChangeWebhookBody) -> Response:
    """Enable or disable a webhook, or change what it gets."""
    audit, endpoints = services.watch.audit, services.webhooks.endpoints
    return answer(service.change(audit, endpoints, actor(), path.id, body))


@api.delete("/webhooks/<id>", responses=ONE)
@permitted("webhooks.write")
def remove_webhook(path: ById) -> Response:
    """Remove a webhook with its deliveries."""
    audit, endpoints = services.watch.audit, services.webhooks.endpoints
    return answer(service.remove(audit, endpoints, actor(), path.id))


@api.post("/webhooks/<id>/test", request_body=optional_body(NoBody), responses=SENT)
@permitted("webhooks.write")
def test_webhook(path: ById, body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Send a test event at once and answer how that ended."""
    audit, webhooks = services.watch.audit, services.webhooks
    return answer(service.test(audit, webhooks.endpoints, webhooks.history, actor(), path.id))


@api.post(
    "/webhooks/<id>/secret",
    request_body=optional_body(NoBody),
    responses={200: schemas.WebhookSecret, **refusals(errors.NOT_FOUND)},
)
@permitted("webhooks.write")
def replace_secret(path: ById, body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Give a webhook another secret; both sign for a day."""
    audit, endpoints = services.watch.audit, services.webhooks.endpoints
    return answer(service.replace_secret(audit, endpoints, actor(), path.id))


@api.get(
    "/webhooks/<id>/deliveries",
    responses={200: Page[schemas.DeliveryItem], **refusals(errors.NOT_FOUND)},
)
@permitted("webhooks.read")
def list_deliveries(path: ById, query: schemas.DeliveryQuery) -> Response:
    """List what a webhook got, newest first."""
    read = partial(service.list_deliveries, services.webhooks, path.id, query)
    return list_answer(
        schemas.deliveries_of(path.id), query, read, services.watch, services.limits.rates
    )


@api.post("/deliveries/<id>/replay", request_body=optional_body(NoBody), responses=SENT)
@permitted("webhooks.write")
def replay_delivery(path: ById, body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Send a delivery once more, with its id and its body."""
    audit, history = services.watch.audit, services.webhooks.history
    return answer(service.replay(audit, history, actor(), path.id))
