"""The second forced refresh of an access_token, by which WeChat's procedure for a leak ends.

WeChat wants two forced calls of stable_token at least 30 seconds apart (page getStableAccessToken).
The first is made when an AppSecret is replaced. When the second is due stands in SQL, so that
any worker makes it, also after a restart.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from wxlogin.accounts.apps import secret_aad
from wxlogin.clock import Clock, utc_now
from wxlogin.models import App
from wxlogin.vault import Vault
from wxlogin.wechat import AccessTokens, Credentials
from wxlogin.wechat.errors import WeChatError

INTERVAL = timedelta(seconds=31)
GIVE_UP = timedelta(hours=2)
"""No access_token lives longer, leaked or not."""

logger = logging.getLogger(__name__)


class TokenResets:
    """Makes the second forced refreshes that are due."""

    def __init__(
        self, sql: Engine, vault: Vault, access_tokens: AccessTokens, clock: Clock
    ) -> None:
        self._sql = sql
        self._vault = vault
        self._access_tokens = access_tokens
        self._clock = clock

    def run(self) -> None:
        """Make each refresh that is due, unless another worker is at it.

        One that WeChat refuses stays due.
        """
        now = utc_now(self._clock)
        due = select(App.appid, App.secret_sealed, App.token_reset_at).where(
            App.token_reset_at <= now
        )
        with Session(self._sql) as session:
            rows = session.execute(due).all()
        for appid, sealed, at in rows:
            secret = self._vault.open_or_none(sealed, aad=secret_aad(appid))
            late = at is None or now - at > GIVE_UP
            if secret is None or self._reset(Credentials(appid, secret)) or late:
                self._clear(appid, at)

    def _reset(self, app: Credentials) -> bool:
        """Force a refresh; return whether it is done."""
        try:
            return self._access_tokens.refresh_again(app)
        except WeChatError as fault:
            logger.warning(
                "the second refresh of the access_token of %s failed: %s",
                app.appid,
                type(fault).__name__,
            )
            return False

    def _clear(self, appid: str, at: datetime | None) -> None:
        """Forget a refresh that is done; a later one of the same app stays due."""
        done = update(App).where(App.appid == appid, App.token_reset_at == at)
        with Session(self._sql) as session:
            session.execute(done.values(token_reset_at=None))
            session.commit()
