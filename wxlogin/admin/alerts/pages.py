"""The pages of alerts: the list, and the acknowledgement of one."""

from __future__ import annotations

from flask import Response, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.alerts import service
from wxlogin.admin.alerts.schemas import AcknowledgeBody, AlertQuery
from wxlogin.admin.console.actions import Question, Subject, action
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.filtering import list_query
from wxlogin.admin.console.forms import form_data
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.notices import done
from wxlogin.admin.console.people import nicknames
from wxlogin.guard.admin_gate import actor, operator_id, permitted
from wxlogin.services import services
from wxlogin.watch.rule_table import RULES

ALERT = Subject(
    name=lambda alert: gettext(service.show(services.watch.alert_history, alert).title),
    back=lambda _alert: url_for("console.alerts"),
)


@console.get("/alerts")
@permitted("events.read")
def alerts() -> str:
    """List the alerts, newest first."""
    query = list_query(AlertQuery)
    found = service.list_alerts(services.watch.alert_history, query)
    return page(
        "alerts",
        alerts=found,
        names=nicknames(one.subject for one in found.items if one.subject_kind == "user"),
        total=service.count_alerts(services.watch.alert_history, query),
        query=query,
        rules=[(rule.name, gettext(rule.title)) for rule in RULES],
    )


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
