"""The page that says how the installation is now, and its part that is read again and again."""

from __future__ import annotations

from typing import Any

from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.layout import page
from wxlogin.admin.status import service
from wxlogin.clock import iso_time, utc_now
from wxlogin.guard.admin_gate import by_itself, permitted
from wxlogin.services import services


@console.get("/status")
@permitted("overview.read")
def now() -> str:
    """Show how stores, WeChat, webhooks, workers and keys are."""
    return page("status", **_figures())


@console.get("/status/part")
@permitted("overview.read")
@by_itself
def now_part() -> str:
    """Return the figures alone, for the page that is open."""
    return page("status_part", **_figures())


@console.get("/alerts/badge")
@permitted("events.read")
@by_itself
def alerts_badge() -> str:
    """Return the badge of the navigation alone."""
    return page("badge")


def _figures() -> dict[str, Any]:
    """Return the figures, whose open alerts the navigation's badge shows too."""
    watch, hosts, queue = services.watch, services.keyring.hosts, services.webhooks.deliveries
    at = utc_now(services.clock)
    found = service.status(watch, hosts, services.accounts.apps, queue, at)
    return {
        "now": found,
        "an_hour_ago": iso_time(at - service.LAST_HOUR),
        "open_alerts": lambda: found.open_alerts,
    }
