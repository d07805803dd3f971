"""What the settings allow that production should not."""

from __future__ import annotations

from collections.abc import Iterator

from config import PREFIX, Settings
from wxlogin.doctor.findings import Finding
from wxlogin.doctor.installation import Installation
from wxlogin.doctor.kinds import settings as kinds
from wxlogin.settings.table import PRODUCTION
from wxlogin.settings.values import is_local


def check_settings(installation: Installation) -> list[Finding]:
    """Look for a sandbox in WeChat's place. Wrong settings stop the start: `without_settings`."""
    settings = installation.settings
    if settings.sandbox:
        return [kinds.SANDBOX.found()]
    if not settings.production:
        return []
    found = [kinds.STAND_IN.found(base=settings.wx_api_base)]
    return [*(found if is_local(settings.wx_api_base) else []), *_loosened(settings)]


def _loosened(settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each protection of production that was turned down."""
    for name, default in PRODUCTION.items():
        value = getattr(settings, name)
        text = {True: "on", False: "off"}.get(value, value)
        if text != default:
            setting = f"{PREFIX}{name.upper()}={text}"
            yield kinds.LOOSENED.found(settings=setting, default=default)
