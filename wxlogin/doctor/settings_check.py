"""What the settings allow that production should not."""

from __future__ import annotations

from wxlogin.doctor.findings import Finding
from wxlogin.doctor.installation import Installation
from wxlogin.doctor.kinds import settings as kinds
from wxlogin.settings.values import is_local


def check_settings(installation: Installation) -> list[Finding]:
    """Look for a sandbox in WeChat's place. Wrong settings stop the start: `without_settings`."""
    settings = installation.settings
    if settings.sandbox:
        return [kinds.SANDBOX.found()]
    if settings.production and is_local(settings.wx_api_base):
        return [kinds.STAND_IN.found(base=settings.wx_api_base)]
    return []
