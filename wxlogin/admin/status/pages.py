"""The page that says how the installation is now."""

from __future__ import annotations

from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.layout import page
from wxlogin.admin.status import service
from wxlogin.guard.admin_gate import permitted
from wxlogin.services import services


@console.get("/status")
@permitted("overview.read")
def now() -> str:
    """Show how stores, WeChat, webhooks, workers and keys are."""
    watch, hosts, queue = services.watch, services.keyring.hosts, services.webhooks.deliveries
    return page("status", now=service.status(watch, hosts, services.accounts.apps, queue))
