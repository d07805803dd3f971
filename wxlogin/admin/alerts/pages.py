"""The pages of alerts: the list, and the acknowledgement of one."""

from __future__ import annotations

from functools import partial

from flask import Response, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.alerts import service
from wxlogin.admin.alerts.schemas import ALERTS, AcknowledgeBody, AlertQuery
from wxlogin.admin.console import labels
from wxlogin.admin.console.actions import Question, Subject, action
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.filtering import list_query
from wxlogin.admin.console.forms import form_data
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.notices import done
from wxlogin.admin.console.people import nicknames
from wxlogin.admin.console.selection import ask_about, kept_selection, selected_ids
from wxlogin.admin.list_answers import list_file
from wxlogin.guard.admin_gate import actor, operator_id, permitted
from wxlogin.services import services
from wxlogin.watch.alert_rules import RULES

ALERT = Subject(
    name=lambda alert: labels.rule(service.show(services.watch.alert_history, alert).rule),
    back=lambda _alert: url_for("console.alerts"),
)


@console.get("/alerts")
@permitted("events.read")
def alerts() -> str:
    """List the alerts, newest first."""
    query, history = list_query(AlertQuery), services.watch.alert_history
    found = service.list_alerts(history, query, query.limit, query.position(int)).page()
    return page(
        "alerts",
        alerts=found,
        names=nicknames(one.subject for one in found.items if one.subject_kind == "user"),
        total=service.count_alerts(history, query),
        query=query,
        rules=[(rule.name, labels.rule(rule.name)) for rule in RULES],
    )


@console.post("/alerts.csv")
@permitted("events.read")
def alerts_csv() -> Response:
    """Return the alerts of a page's filter as a file."""
    query = list_query(AlertQuery)
    read = partial(service.list_alerts, services.watch.alert_history, query)
    return list_file(ALERTS, query, read, services.watch, services.limits.rates)


@console.get("/alerts/test")
@permitted("alerts.test")
def ask_test_alerts() -> str:
    """Offer a test of the channels that alerts go to."""
    return page("alert_test", answers=None)


@console.post("/alerts/test")
@permitted("alerts.test")
def test_alerts() -> str:
    """Send a test, and show what each channel answered."""
    watch, rates = services.watch, services.limits.rates
    return page("alert_test", answers=service.send_test(watch, rates, actor(), operator_id()).items)


@action(
    "/alerts/<id>/acknowledge",
    "alerts.acknowledge",
    ALERT,
    Question(
        _("Acknowledge “%(name)s”?"),
        _("The alert is no longer counted as open. Your name and the note stand beside it."),
        _("Acknowledge"),
        danger=False,
        template="note",
    ),
)
def acknowledge_alert(alert: str) -> Response:
    """Acknowledge an alert."""
    service.acknowledge(services.watch, actor(), alert, form_data(AcknowledgeBody))
    return done(url_for("console.alerts"), gettext("The alert is acknowledged."))


def _alerts_page(_selection: str = "") -> str:
    return url_for("console.alerts", open="true")


def _count(selection: str) -> str:
    number = len(kept_selection(selection))
    return str(ngettext("%(num)s alert", "%(num)s alerts", number))


@console.post("/alerts/selected")
@permitted("alerts.acknowledge")
def select_alerts() -> Response:
    """Lead to the page that asks before the ticked alerts are acknowledged."""
    return ask_about("console.ask_acknowledge_selected", selected_ids(), _alerts_page())


@action(
    "/alerts/selected/<selection>/acknowledge",
    "alerts.acknowledge",
    Subject(name=_count, back=_alerts_page),
    Question(
        _("Acknowledge %(name)s?"),
        _("They are no longer counted as open. Your name and the note stand beside each."),
        _("Acknowledge them"),
        danger=False,
        template="note",
    ),
)
def acknowledge_selected(selection: str) -> Response:
    """Acknowledge several alerts."""
    ids, body = kept_selection(selection), form_data(AcknowledgeBody)
    number = service.acknowledge_each(services.watch, actor(), ids, body)
    text = ngettext("%(num)s alert is acknowledged.", "%(num)s alerts are acknowledged.", number)
    return done(_alerts_page(), text)
