"""Alerts: parse, one call, reply."""

from __future__ import annotations

from functools import partial

from flask import Response

from wxlogin import errors
from wxlogin.admin.alerts import service
from wxlogin.admin.alerts.schemas import (
    ALERTS,
    AcknowledgeBody,
    AlertItem,
    AlertQuery,
    TestAnswer,
)
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.list_answers import list_answer
from wxlogin.admin.paging import Page
from wxlogin.admin.schemas import ById, NoBody
from wxlogin.guard.admin_gate import actor, operator_id, permitted
from wxlogin.openapi import optional_body, refusals
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("alerts", "What the rules found.")


@api.get("/alerts", responses={200: Page[AlertItem]})
@permitted("events.read")
def list_alerts(query: AlertQuery) -> Response:
    """List the alerts, newest first."""
    read = partial(service.list_alerts, services.watch.alert_history, query)
    return list_answer(ALERTS, query, read, services.watch, services.limits.rates)


@api.post("/alerts/test", request_body=optional_body(NoBody), responses={200: TestAnswer})
@permitted("alerts.test")
def test_alerts(body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Send a test to every channel of alerts, and say what each answered."""
    watch, rates = services.watch, services.limits.rates
    return answer(service.send_test(watch, rates, actor(), operator_id()))


@api.post(
    "/alerts/<id>/acknowledge",
    request_body=optional_body(AcknowledgeBody),
    responses={200: AlertItem, **refusals(errors.NOT_FOUND)},
)
@permitted("alerts.acknowledge")
def acknowledge(path: ById, body: AcknowledgeBody) -> Response:
    """Acknowledge an alert, with a note for the others."""
    return answer(service.acknowledge(services.watch, actor(), path.id, body))
