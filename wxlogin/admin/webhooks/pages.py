"""The pages of webhooks: the list, a new one, and one with what it got."""

from __future__ import annotations

from functools import partial

from flask import Response, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.console.actions import Question, Subject, action
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.filtering import list_query
from wxlogin.admin.console.forms import form_data
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.name_labels import event_types
from wxlogin.admin.console.notices import done
from wxlogin.admin.list_answers import list_file
from wxlogin.admin.webhooks import service
from wxlogin.admin.webhooks.schemas import (
    WEBHOOKS,
    ChangeWebhookBody,
    DeliveryQuery,
    NewWebhookBody,
    WebhookQuery,
)
from wxlogin.guard.admin_gate import actor, permitted
from wxlogin.services import services

WEBHOOK = Subject(
    name=lambda webhook: service.show(services.webhooks.endpoints, webhook).url,
    back=lambda webhook: url_for("console.webhook", id=webhook),
)


@console.get("/webhooks")
@permitted("webhooks.read")
def webhooks() -> str:
    """List the webhooks."""
    query, endpoints = list_query(WebhookQuery), services.webhooks.endpoints
    return page(
        "webhooks",
        webhooks=service.list_webhooks(endpoints, query, query.limit, query.position(int)).page(),
        total=service.count_webhooks(endpoints, query),
        query=query,
    )


@console.post("/webhooks.csv")
@permitted("webhooks.read")
def webhooks_csv() -> Response:
    """Return the webhooks of a page's filter as a file."""
    query = list_query(WebhookQuery)
    read = partial(service.list_webhooks, services.webhooks.endpoints, query)
    return list_file(WEBHOOKS, query, read, services.watch, services.limits.rates)


@console.get("/webhooks/new")
@permitted("webhooks.write")
def new_webhook() -> str:
    """Ask where a webhook goes and what it gets."""
    return page("new_webhook", types=event_types())


@console.post("/webhooks/new")
@permitted("webhooks.write")
def create_webhook() -> str:
    """Make a webhook and show its secret, this once."""
    body = form_data(NewWebhookBody, many="events")
    audit, endpoints = services.watch.audit, services.webhooks.endpoints
    made = service.create(audit, endpoints, services.accounts.apps, actor(), body)
    return _secret_page(made.id, made.secret)


@console.get("/webhooks/<id>")
@permitted("webhooks.read")
def webhook(id: str) -> str:  # noqa: A002  the API's word
    """Show a webhook and what it got."""
    query, parts = list_query(DeliveryQuery), services.webhooks
    found = service.list_deliveries(parts, id, query, query.limit, query.position(int)).page()
    return page(
        "webhook",
        webhook=service.show(parts.endpoints, id),
        deliveries=found,
        total=service.count_deliveries(parts, id, query),
        query=query,
        types=[(name, text) for name, text, _code in event_types()],
    )


@action(
    "/webhooks/<id>/pause",
    "webhooks.write",
    WEBHOOK,
    Question(
        _("Pause the webhook %(name)s?"),
        _("Nothing is sent to it from now on. What waits is sent once it goes on."),
        _("Pause it"),
    ),
)
def pause_webhook(webhook: str) -> Response:
    """Disable a webhook."""
    return _enable(webhook, gettext("The webhook is paused."), enabled=False)


@action(
    "/webhooks/<id>/resume",
    "webhooks.write",
    WEBHOOK,
    Question(
        _("Resume the webhook %(name)s?"),
        _("It gets what happens from now on, and what still waits for it."),
        _("Resume it"),
        danger=False,
    ),
)
def resume_webhook(webhook: str) -> Response:
    """Enable a webhook."""
    return _enable(webhook, gettext("The webhook goes on."), enabled=True)


@action(
    "/webhooks/<id>/test",
    "webhooks.write",
    WEBHOOK,
    Question(
        _("Send a test to %(name)s?"),
        _("It gets one event of the type webhook.test, at once. It may take ten seconds."),
        _("Send a test"),
        danger=False,
    ),
    ask_endpoint="ask_test_webhook",
)
def send_test(webhook: str) -> Response:
    """Send a test event."""
    parts = services.webhooks
    sent = service.test(services.watch.audit, parts.endpoints, parts.history, actor(), webhook)
    accepted = sent.status == "delivered"
    text = gettext("The test was accepted.") if accepted else gettext("The test was not accepted.")
    return done(WEBHOOK.back(webhook), text)


@action(
    "/webhooks/<id>/secret",
    "webhooks.write",
    WEBHOOK,
    Question(
        _("Replace the secret of %(name)s?"),
        _("For a day both secrets sign, so that the receiver can change over."),
        _("Replace the secret"),
        danger=False,
    ),
    ask_endpoint="ask_webhook_secret",
)
def replace_webhook_secret(webhook: str) -> str:
    """Replace the secret and show it, this once."""
    audit, endpoints = services.watch.audit, services.webhooks.endpoints
    made = service.replace_secret(audit, endpoints, actor(), webhook)
    return _secret_page(made.id, made.secret)


@action(
    "/webhooks/<id>/remove",
    "webhooks.write",
    WEBHOOK,
    Question(
        _("Remove the webhook %(name)s?"),
        _("What waits for it is not sent, and what it got is forgotten. This cannot be undone."),
        _("Remove the webhook"),
    ),
)
def remove_webhook(webhook: str) -> Response:
    """Remove a webhook."""
    service.remove(services.watch.audit, services.webhooks.endpoints, actor(), webhook)
    return done(url_for("console.webhooks"), gettext("The webhook is removed."))


def _enable(webhook: str, text: str, *, enabled: bool) -> Response:
    audit, endpoints = services.watch.audit, services.webhooks.endpoints
    service.change(audit, endpoints, actor(), webhook, ChangeWebhookBody(enabled=enabled))
    return done(WEBHOOK.back(webhook), text)


def _secret_page(webhook: str, secret: str) -> str:
    title = gettext("The secret of the webhook")
    return page("shown_once", title=title, secret=secret, back=WEBHOOK.back(webhook))
