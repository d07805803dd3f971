"""The mini-programs that are registered, as every worker sees them within a moment of a change."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from redis import Redis
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from wxlogin import errors
from wxlogin.clock import Clock
from wxlogin.errors import ApiError
from wxlogin.extensions import db
from wxlogin.models import App
from wxlogin.sessions import keys
from wxlogin.vault import SealBroken, Vault
from wxlogin.vault.held import held
from wxlogin.wechat import Credentials

logger = logging.getLogger(__name__)

ACTIVE = "active"
DISABLED = "disabled"
UNREADABLE = "unreadable"
"""Its AppSecret does not open with WXLOGIN_DATA_KEYS: a key is lost, or another server's."""
MOST_SECONDS = 60
VERSION_MS = 86_400_000


@dataclass(frozen=True)
class MiniProgram:
    """A registered mini-program with its AppSecret opened, and whether it has push keys."""

    id: int
    appid: str
    name: str
    status: str
    created_at: datetime
    credentials: Credentials
    push_keys: bool


@dataclass(frozen=True)
class Snapshot:
    """All mini-programs as they were read at a time, under a version in Redis."""

    apps: Mapping[str, MiniProgram]
    version: str | None
    read_at: float


class Apps:
    """Finds mini-programs in the worker's memory.

    A version in Redis says whether that is still right, so that a login asks SQL of no app. The
    first app may come from the settings and is registered when it is first needed.
    """

    def __init__(self, redis: Redis, vault: Vault, clock: Clock, appid: str, secret: str) -> None:
        self._redis = redis
        self._vault = vault
        self._clock = clock
        self._first = Credentials(appid, secret)
        self._snapshot: Snapshot | None = None

    def find(self, appid: str | None) -> MiniProgram:
        """The active mini-program of this appid, or the one meant when none is named.

        APP_UNKNOWN if it is not registered or disabled, INVALID_REQUEST if `appid` must be named,
        WX_MISCONFIGURED if its AppSecret does not open.
        """
        apps = self.all()
        app = apps.get(appid or self._first.appid or _only_one(apps))
        if app is not None and app.status == UNREADABLE:
            raise ApiError(errors.WX_MISCONFIGURED)
        if app is None or app.status != ACTIVE:
            raise ApiError(errors.APP_UNKNOWN)
        return app

    def all(self) -> Mapping[str, MiniProgram]:
        """Every registered mini-program by its appid."""
        version, now = cast("str | None", self._redis.get(keys.apps_version())), self._clock()
        kept = self._snapshot
        if kept and kept.version == version and 0 <= now - kept.read_at < MOST_SECONDS:
            return kept.apps
        apps = self._read()
        if self._first.appid and self._first.appid not in apps:
            self.register(self._first, self._first.appid)
            apps = self._read()
        db.session.commit()  # gives the connection back: the caller is about to ask WeChat
        self._snapshot = Snapshot(apps, version, now)
        return apps

    def register(self, credentials: Credentials, name: str) -> bool:
        """Keep a mini-program; False if one of this appid is there."""
        app = App(
            appid=credentials.appid,
            name=name,
            secret_sealed=self.sealed(credentials),
            status=ACTIVE,
            created_at=datetime.fromtimestamp(self._clock(), UTC),
        )
        db.session.add(app)
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            return False
        self.changed()
        return True

    def sealed(self, credentials: Credentials) -> str:
        """The AppSecret as it stands in the database."""
        return self._vault.seal(credentials.secret, _place(credentials.appid))

    def changed(self) -> None:
        """Let every worker read the database at its next login."""
        self._redis.set(keys.apps_version(), secrets.token_urlsafe(12), px=VERSION_MS)

    def differ_from_settings(self) -> bool:
        """Whether the database holds another AppSecret than the settings name; that one counts."""
        first = self._read().get(self._first.appid)
        return first is not None and first.credentials.secret not in ("", self._first.secret)

    def _read(self) -> dict[str, MiniProgram]:
        return {
            row.appid: self._opened(row) for row in db.session.scalars(select(App).order_by(App.id))
        }

    def _opened(self, row: App) -> MiniProgram:
        """The app with its AppSecret; one that does not open leaves all others as they are."""
        status = row.status
        try:
            secret = self._vault.open(row.secret_sealed, _place(row.appid))
        except SealBroken as broken:
            logger.warning("the AppSecret of %s: %s", row.appid, broken)
            secret, status = "", UNREADABLE
        held.keep("AppSecret", row.appid, secret)
        credentials = Credentials(row.appid, secret)
        push_keys = row.push_aes_key_sealed is not None
        return MiniProgram(
            row.id, row.appid, row.name, status, row.created_at, credentials, push_keys
        )


def _only_one(apps: Mapping[str, MiniProgram]) -> str:
    appids = [app.appid for app in apps.values() if app.status == ACTIVE]
    if len(appids) != 1:
        why = "name the mini-program: this server has " + ("several" if appids else "none")
        raise ApiError(errors.INVALID_REQUEST, fields=[("appid", why)])
    return appids[0]


def _place(appid: str) -> str:
    return f"app.secret_sealed:{appid}"
