"""The AppKeys of each mini-program's virtual payment (虚拟支付), sealed in its row."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from wxlogin.models import App
from wxlogin.vault import SealBroken, Vault
from wxlogin.vault.leak_guard import leak_guard

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PayKeys:
    """The AppKeys of WeChat's live and of its sandbox environment; empty where none is set."""

    live: str = field(default="", repr=False)
    sandbox: str = field(default="", repr=False)

    def of(self, *, sandbox: bool) -> str:
        """Return the key of one environment, empty where none is set."""
        return self.sandbox if sandbox else self.live


def pay_key_column(*, sandbox: bool) -> str:
    """Return the column that holds the key of one environment."""
    return "pay_key_sandbox_sealed" if sandbox else "pay_key_sealed"


def seal_pay_key(vault: Vault, appid: str, key: str, *, sandbox: bool) -> str:
    """Encrypt a key for its column."""
    return vault.seal(key, _aad(appid, sandbox=sandbox))


def open_pay_keys(vault: Vault, app: App) -> PayKeys:
    """Return the keys of an app; without those that the settings' keys do not open."""
    return PayKeys(
        _open(vault, app.appid, app.pay_key_sealed, sandbox=False),
        _open(vault, app.appid, app.pay_key_sandbox_sealed, sandbox=True),
    )


def _open(vault: Vault, appid: str, sealed: str | None, *, sandbox: bool) -> str:
    if sealed is None:
        return ""
    try:
        key = vault.open(sealed, _aad(appid, sandbox=sandbox))
    except SealBroken as broken:
        logger.warning("the AppKey of %s: %s", appid, broken)
        return ""
    leak_guard.register("AppKey", appid + (" sandbox" if sandbox else ""), key)
    return key


def _aad(appid: str, *, sandbox: bool) -> str:
    return f"app.{pay_key_column(sandbox=sandbox)}:{appid}"
