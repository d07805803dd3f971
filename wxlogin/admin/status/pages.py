"""The page that says how the installation is now, and its part that is read again and again."""

from __future__ import annotations

from typing import Any

from wxlogin.admin.alerts.schemas import AlertQuery
from wxlogin.admin.alerts.service import list_alerts
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.people import nicknames
from wxlogin.admin.status import service
from wxlogin.clock import iso_time, utc_now
from wxlogin.guard.admin_gate import background_poll, permitted
from wxlogin.services import services

MOST_ALERTS = 5
"""Open alerts that the page shows; the others stand in their list."""


@console.get("/status")
@permitted("overview.read")
def now() -> str:
    """Show how stores, WeChat, webhooks, workers and keys are."""
    return page("status", **_figures())


@console.get("/status/part")
@permitted("overview.read")
@background_poll
def now_part() -> str:
    """Return the figures alone, for the page that is open."""
    return page("status_part", **_figures())


@console.get("/alerts/badge")
@permitted("events.read")
@background_poll
def alerts_badge() -> str:
    """Return the badge of the navigation alone."""
    return page("badge")


def _figures() -> dict[str, Any]:
    """Return the figures, whose open alerts the navigation's badge shows too."""
    watch, hosts, queue = services.watch, services.keyring.hosts, services.webhooks.history
    at, history = utc_now(services.clock), services.watch.alert_history
    alerts = list_alerts(history, AlertQuery(open=True), MOST_ALERTS).items
    found = service.status(watch, hosts, services.accounts.apps, queue, at)
    return {
        "now": found,
        "alerts": alerts,
        "names": nicknames(one.subject for one in alerts if one.subject_kind == "user"),
        "an_hour_ago": iso_time(at - service.LAST_HOUR),
        "open_alerts": lambda: found.open_alerts,
    }
