"""The alert webhook: there is one, and it answers."""

from __future__ import annotations

from wxlogin.doctor.findings import Finding
from wxlogin.doctor.installation import Installation
from wxlogin.doctor.kinds import watch as kinds
from wxlogin.watch.webhook import Webhook, receiver_of


def check_webhook(installation: Installation) -> list[Finding]:
    """Try the webhook out; no message is sent."""
    if not installation.settings.alert_webhook:
        return [kinds.NO_WEBHOOK.found()]
    wrong = Webhook(receiver_of(installation.settings), installation.clock).try_out()
    return [kinds.WEBHOOK_SILENT.found(reason=wrong)] if wrong else []
