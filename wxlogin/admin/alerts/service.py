"""Listing alerts and acknowledging them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial

from wxlogin import errors
from wxlogin.admin.alerts.schemas import (
    AcknowledgeBody,
    AlertItem,
    AlertQuery,
    TestAnswer,
    TestItem,
)
from wxlogin.admin.paging import MAX_INTEGER, Part, Position, part, row_id
from wxlogin.admin.times import iso_or_none, iso_time
from wxlogin.errors import ApiError
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.models import Alert
from wxlogin.services import Watch
from wxlogin.watch.alert_history import AlertFilter, AlertHistory
from wxlogin.watch.alert_rules import BY_NAME
from wxlogin.watch.audit import Actor


def list_alerts(
    history: AlertHistory, query: AlertQuery, limit: int, after: Position | None = None
) -> Part[AlertItem]:
    """Return up to `limit` alerts that the query asks for, newest first unless it says so."""
    rows = history.page(limit + 1, before=row_id(after), wanted=_wanted(query))
    return part(rows, limit, _item, lambda row: (row.id,))


def count_alerts(history: AlertHistory, query: AlertQuery) -> int:
    """Return how many alerts the query asks for, as `count_rows` counts."""
    return history.count(_wanted(query))


def _wanted(query: AlertQuery) -> AlertFilter:
    oldest_first = query.order == "oldest"
    return AlertFilter(query.open, query.rule, query.since, query.until, oldest_first)


def show(history: AlertHistory, alert_id: str) -> AlertItem:
    """Return one alert; NOT_FOUND for an unknown id."""
    row = _find(history, alert_id)
    if row is None:
        raise ApiError(errors.NOT_FOUND, "There is no alert of this id.")
    return _item(row)


def _find(history: AlertHistory, alert_id: str) -> Alert | None:
    number = int(alert_id) if alert_id.isascii() and alert_id.isdigit() else 0
    return history.get(number) if number < MAX_INTEGER else None


def acknowledge(watch: Watch, actor: Actor, alert_id: str, body: AcknowledgeBody) -> AlertItem:
    """Acknowledge an alert; one that somebody acknowledged before keeps their name and note."""
    number = show(watch.alert_history, alert_id).id
    act = watch.audit.act(actor, "alert.acknowledge", f"alert:{number}", reason=body.note or "")
    with act:
        watch.alert_history.acknowledge(number, actor.name, body.note)
    return show(watch.alert_history, alert_id)


def acknowledge_each(
    watch: Watch, actor: Actor, alert_ids: Iterable[str], body: AcknowledgeBody
) -> int:
    """Acknowledge these alerts, each in an act of its own, and return how many were open.

    One that was purged meanwhile is passed over.
    """
    found = filter(None, map(partial(_find, watch.alert_history), alert_ids))
    open_ones = [str(row.id) for row in found if row.acknowledged_at is None]
    for alert_id in open_ones:
        acknowledge(watch, actor, alert_id, body)
    return len(open_ones)


def send_test(watch: Watch, rates: RateLimits, actor: Actor, who: str) -> TestAnswer:
    """Send a test to every channel and return the answers; the limit of `who` counts it.

    The request waits for the channels, some seconds each.
    """
    rates.hit(who, "doctor")
    channels = watch.recorder.alerts.channels
    with watch.audit.act(actor, "alert.test", "alerts") as act:
        answers = act.detail["answers"] = channels.test(actor.name)
    items = [
        TestItem.model_validate({"channel": name, "taken": not fault, "fault": fault})
        for name, fault in answers.items()
    ]
    return TestAnswer(items=items)


def _item(row: Alert) -> AlertItem:
    rule, detail = BY_NAME.get(row.rule), json.loads(row.detail)
    return AlertItem(
        id=row.id,
        rule=row.rule,
        title=rule.title if rule else row.rule,  # a rule of a newer program has no words here
        severity=rule.severity if rule else "warning",
        subject_kind=rule.subject_kind if rule else "app",
        subject=row.subject,
        count=detail.get("count", 1),
        window=detail.get("window", 0),
        threshold=detail.get("most", 0),
        logins=detail.get("logins", 0),
        failures=detail.get("failures", 0),
        advice=rule.advice if rule else "",
        at=iso_time(row.at),
        delivered_at=iso_or_none(row.delivered_at),
        over_at=iso_or_none(row.over_at),
        acknowledged_at=iso_or_none(row.acknowledged_at),
        acknowledged_by=row.acknowledged_by,
        note=row.note,
    )
