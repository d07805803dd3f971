"""The page that says how the installation is now, and its part that is read again and again."""

from __future__ import annotations

from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.layout import page
from wxlogin.admin.status import service
from wxlogin.admin.status.schemas import Status
from wxlogin.clock import iso_time, utc_now
from wxlogin.guard.admin_gate import by_itself, permitted
from wxlogin.services import services


@console.get("/status")
@permitted("overview.read")
def now() -> str:
    """Show how stores, WeChat, webhooks, workers and keys are."""
    return page("status", now=_status(), an_hour_ago=_an_hour_ago())


@console.get("/status/part")
@permitted("overview.read")
@by_itself
def now_part() -> str:
    """Return the figures alone, for the page that is open."""
    return page("status_part", now=_status(), an_hour_ago=_an_hour_ago())


@console.get("/alerts/badge")
@permitted("events.read")
@by_itself
def alerts_badge() -> str:
    """Return the badge of the navigation alone."""
    return page("badge")


def _status() -> Status:
    watch, hosts, queue = services.watch, services.keyring.hosts, services.webhooks.deliveries
    now = utc_now(services.clock)
    return service.status(watch, hosts, services.accounts.apps, queue, now)


def _an_hour_ago() -> str:
    return iso_time(utc_now(services.clock) - service.LAST_HOUR)
