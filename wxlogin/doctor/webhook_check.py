"""The alert webhook: there is one, and it answers."""

from __future__ import annotations

from wxlogin.doctor.findings import Finding
from wxlogin.doctor.installation import Installation
from wxlogin.doctor.kinds import watch as kinds
from wxlogin.watch.webhook import Webhook


def check_webhook(installation: Installation) -> list[Finding]:
    """Try the webhook out; no message is sent."""
    url = installation.settings.alert_webhook
    if not url:
        return [kinds.NO_WEBHOOK.found()]
    wrong = Webhook(url).try_out()
    return [kinds.WEBHOOK_SILENT.found(reason=wrong)] if wrong else []
