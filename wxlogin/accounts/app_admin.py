"""What operators do to mini-programs: register, replace secrets, push keys and pay keys."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from wxlogin.accounts.apps import Apps
from wxlogin.accounts.errors import AppExists
from wxlogin.accounts.pay_keys import pay_key_column
from wxlogin.accounts.push_keys import PushKeyring
from wxlogin.accounts.token_resets import INTERVAL
from wxlogin.clock import Clock
from wxlogin.models import App
from wxlogin.outbox import About, EventType, Outbox
from wxlogin.visible_text import is_line
from wxlogin.wechat import AccessTokens, Credentials, ScanPage, WeChatClient
from wxlogin.wechat.errors import explained
from wxlogin.wechat.message_crypto import PushKeys


def app_name(text: str) -> str:
    """Return a valid name of a mini-program; ValueError for any other text."""
    if not is_line(text, 64):
        raise ValueError("should be 1 to 64 characters, none of them invisible")
    return text


def scan_page_path(text: str) -> str:
    """Return a valid path of a page, or an empty text; ValueError for any other."""
    if not re.fullmatch(r"([0-9A-Za-z_-][0-9A-Za-z._/-]{0,127})?", text):
        raise ValueError(
            "should be a page of the mini-program such as pages/scan/scan, without a slash in "
            "front and without a query"
        )
    return text


class AppAdmin:
    """Changes mini-programs; every worker sees a change within a moment."""

    def __init__(
        self,
        current_session: Callable[[], Session],
        apps: Apps,
        push: PushKeyring,
        wechat: WeChatClient,
        access_tokens: AccessTokens,
        clock: Clock,
        outbox: Outbox,
    ) -> None:
        self._current_session = current_session
        self._apps = apps
        self._push = push
        self._wechat = wechat
        self._access_tokens = access_tokens
        self._clock = clock
        self._outbox = outbox

    def create(self, credentials: Credentials, name: str) -> None:
        """Register a mini-program; AppExists if it is registered already."""
        if not self._apps.create(credentials, name):
            raise AppExists(fields=[("appid", "is registered; replace its AppSecret instead")])

    def require_new(self, appid: str) -> None:
        """Raise AppExists if a mini-program of this appid is registered."""
        if not self._apps.unregistered([appid]):
            raise AppExists(fields=[("appid", "is registered; replace its AppSecret instead")])

    def try_secret(self, credentials: Credentials) -> None:
        """Raise a WeChatError unless WeChat takes this AppSecret of a new mini-program."""
        with explained("WeChat did not take this AppSecret; the mini-program is not registered."):
            self._wechat.try_secret(*credentials)

    def rename(self, appid: str, name: str) -> None:
        """Give a mini-program another name."""
        self._apps.get(appid)
        self._write(appid, {"name": name})

    def set_secret(self, credentials: Credentials) -> None:
        """Replace the AppSecret after WeChat accepted it, and end the old access_token.

        WeChat wants a second forced refresh for that, which a worker makes later: see TokenResets.
        No session ends. A WeChatError says in its detail whether the old secret is kept.
        """
        self._apps.get(credentials.appid)
        with explained("WeChat did not take this AppSecret; the old one is kept."):
            self._wechat.try_secret(*credentials)
        second = datetime.fromtimestamp(math.ceil(self._clock()), UTC) + INTERVAL
        sealed = self._apps.seal_secret(credentials)
        columns: dict[str, str | datetime | None] = {
            "secret_sealed": sealed,
            "token_reset_at": second,
        }
        self._write(credentials.appid, columns, EventType.APP_SECRET_CHANGED)
        with explained(
            "The AppSecret is replaced, but WeChat did not renew the access_token: the one before "
            "lives on. Replace it once more."
        ):
            self._access_tokens.refresh(credentials)

    def set_push_keys(self, appid: str, keys: PushKeys) -> None:
        """Replace the keys of its message push; the ones before stay good for an hour.

        Repeated with the same keys it changes nothing, so that the hour goes on.
        """
        current = self._apps.get(appid).push.current
        if keys != current:
            self._write(appid, self._push.replaced(appid, keys, current))

    def set_pay_key(self, appid: str, key: str, *, sandbox: bool) -> None:
        """Replace the AppKey of virtual payment, of WeChat's live or of its sandbox environment."""
        self._apps.get(appid)
        sealed = self._apps.seal_pay_key(appid, key, sandbox=sandbox)
        self._write(appid, {pay_key_column(sandbox=sandbox): sealed})

    def set_scan_page(self, appid: str, page: ScanPage) -> None:
        """Set the page that a scan opens; pictures that are shown already go on."""
        self._apps.get(appid)
        columns: dict[str, str | bool] = {
            "scan_page": page.path,
            "scan_version": page.env_version,
            "scan_check_path": page.check_path,
        }
        self._write(appid, columns)

    def _write(
        self,
        appid: str,
        columns: Mapping[str, str | bool | datetime | None],
        tell: EventType | None = None,
    ) -> None:
        self._outbox.refresh()
        session = self._current_session()
        session.execute(update(App).where(App.appid == appid).values(**columns))
        if tell:
            self._outbox.add(session, tell, About(app=appid))
        session.commit()
        self._apps.invalidate()
