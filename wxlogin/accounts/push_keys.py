"""Token and EncodingAESKey of each mini-program's message push, sealed in its row.

After a replacement the keys before stay good for an hour: WeChat does not switch at once.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from wxlogin.clock import Clock, utc_now
from wxlogin.models import App
from wxlogin.vault import SealBroken, Vault
from wxlogin.vault.leak_guard import leak_guard
from wxlogin.wechat.message_crypto import PushKeys

logger = logging.getLogger(__name__)

KEPT_SECONDS = 3600


class ReplacedPushKeys(NamedTuple):
    """The current keys, the ones before, and until when those are good, in Unix seconds."""

    current: PushKeys | None = None
    before: PushKeys | None = None
    until: float = 0

    def good(self, now: float) -> list[PushKeys]:
        """Return the keys that verify a push now, the current ones first."""
        before = self.before if now < self.until else None
        return [keys for keys in (self.current, before) if keys]


class PushKeyring:
    """Seals and opens push keys. The settings' keys count while their app's row has none."""

    def __init__(self, vault: Vault, clock: Clock, appid: str, configured: PushKeys) -> None:
        """`appid` is the app of the settings, whose `configured` token is empty without any."""
        self._vault = vault
        self._clock = clock
        self._configured = {appid: configured} if configured.token else {}

    def read(self, app: App) -> ReplacedPushKeys:
        """Return the keys of an app; without those that the settings' keys do not open."""
        current = self._open(app, app.push_token_sealed, app.push_aes_key_sealed)
        before = self._open(
            app, app.push_token_before_sealed, app.push_aes_key_before_sealed, "_before"
        )
        until = app.push_replaced_at.timestamp() + KEPT_SECONDS if app.push_replaced_at else 0
        return ReplacedPushKeys(current or self._configured.get(app.appid), before, until)

    def replaced(
        self, appid: str, keys: PushKeys, before: PushKeys | None
    ) -> Mapping[str, str | datetime | None]:
        """Return the columns that make `keys` the current ones; `before` were it until now."""
        return {
            **self._seal(appid, keys),
            **self._seal(appid, before or PushKeys(""), "_before"),
            "push_replaced_at": utc_now(self._clock),
        }

    def _seal(self, appid: str, keys: PushKeys, which: str = "") -> dict[str, str | None]:
        columns = {f"push_token{which}_sealed": keys.token, f"push_aes_key{which}_sealed": keys[1]}
        return {
            name: self._vault.seal(text, f"app.{name}:{appid}") if text else None
            for name, text in columns.items()
        }

    def _open(
        self, app: App, token: str | None, aes_key: str | None, which: str = ""
    ) -> PushKeys | None:
        if token is None:
            return None
        try:
            keys = PushKeys(
                self._vault.open(token, f"app.push_token{which}_sealed:{app.appid}"),
                self._vault.open(aes_key, f"app.push_aes_key{which}_sealed:{app.appid}")
                if aes_key
                else "",
            )
        except SealBroken as broken:
            logger.warning("the push keys of %s: %s", app.appid, broken)
            return None
        leak_guard.register("EncodingAESKey", app.appid + which, keys.aes_key)
        return keys
