"""The status: one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.status import service
from wxlogin.admin.status.schemas import Status
from wxlogin.clock import utc_now
from wxlogin.guard.admin_gate import permitted
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("status", "How the installation is now.")


@api.get("/status", responses={200: Status})
@permitted("overview.read")
def show() -> Response:
    """Return how stores, WeChat, webhooks, workers and keys are, the same from every worker."""
    watch, hosts, queue = services.watch, services.keyring.hosts, services.webhooks.history
    now = utc_now(services.clock)
    return answer(service.status(watch, hosts, services.accounts.apps, queue, now))
