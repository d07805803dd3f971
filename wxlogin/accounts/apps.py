"""The registered mini-programs; every worker sees a change within a moment."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wxlogin.accounts.errors import AppidRequired, AppSecretUnreadable, AppUnknown
from wxlogin.accounts.pay_keys import PayKeys, open_pay_keys, seal_pay_key
from wxlogin.accounts.push_keys import PushKeyring, ReplacedPushKeys
from wxlogin.clock import Clock, utc_now
from wxlogin.models import App
from wxlogin.redisdb.shared_version import SharedVersion
from wxlogin.vault import SealBroken, Vault
from wxlogin.vault.leak_guard import leak_guard
from wxlogin.wechat import Credentials, ScanPage

logger = logging.getLogger(__name__)

ACTIVE = "active"
DISABLED = "disabled"
UNREADABLE = "unreadable"
"""WXLOGIN_DATA_KEYS cannot decrypt its AppSecret: a key is lost, or it is another server's."""
MAX_AGE_SECONDS = 60


@dataclass(frozen=True)
class MiniProgram:
    """A registered mini-program with its decrypted AppSecret and other keys.

    Its sessions that began at or before `void_before`, in Unix ms, are void.
    """

    id: int
    appid: str
    name: str
    status: str
    created_at: datetime
    credentials: Credentials
    push: ReplacedPushKeys
    void_before: int
    pay: PayKeys
    scan_page: ScanPage
    token_reset_at: datetime | None = None
    """When the second refresh of its access_token is due, after its AppSecret was replaced."""

    @property
    def push_keys(self) -> bool:
        """Return whether it has keys of its message push."""
        return self.push.current is not None


@dataclass(frozen=True)
class Snapshot:
    """All mini-programs as they were read, with the time and the version in Redis."""

    apps: Mapping[str, MiniProgram]
    version: str | None
    read_at: float


class Apps:
    """Caches the mini-programs in the worker's memory.

    A version in Redis invalidates the cache, so that a login needs no SQL for its app. The app of
    the settings, if there is one, is registered when it is first needed.
    """

    def __init__(
        self,
        current_session: Callable[[], Session],
        version: SharedVersion,
        vault: Vault,
        clock: Clock,
        configured: Credentials,
        push: PushKeyring,
        schedule_resets: Callable[[float], None],
    ) -> None:
        """Take the settings' credentials as `configured`; its appid is empty if there are none.

        `schedule_resets` gets the seconds until a second refresh of an access_token is due.
        """
        self._schedule_resets = schedule_resets
        self._current_session = current_session
        self._version = version
        self._vault = vault
        self._clock = clock
        self._configured = configured
        self._push = push
        self._snapshot: Snapshot | None = None

    def get_active(self, appid: str | None) -> MiniProgram:
        """Return the active mini-program of this appid, or the default one for None.

        Raises AppUnknown if it is not registered or disabled, AppidRequired if there is no
        default, AppSecretUnreadable if its AppSecret cannot be decrypted.
        """
        apps = self.all()
        app = apps.get(appid or self._configured.appid or _default_appid(apps))
        if app is not None and app.status == UNREADABLE:
            raise AppSecretUnreadable
        if app is None or app.status != ACTIVE:
            raise AppUnknown
        return app

    def get(self, appid: str) -> MiniProgram:
        """Return the mini-program of this appid, disabled ones too; AppUnknown if there is none."""
        app = self.all().get(appid)
        if app is None:
            raise AppUnknown
        return app

    def unregistered(self, appids: Sequence[str]) -> list[str]:
        """Return those of the appids that are not registered."""
        registered = self.all() if appids else {}
        return [appid for appid in appids if appid not in registered]

    def all(self) -> Mapping[str, MiniProgram]:
        """Return every registered mini-program by its appid."""
        version, now = self._version.current(), self._clock()
        cached = self._snapshot
        if cached and cached.version == version and 0 <= now - cached.read_at < MAX_AGE_SECONDS:
            return cached.apps
        apps = self._read()
        if self._configured.appid and self._configured.appid not in apps:
            self.create(self._configured, self._configured.appid)
            apps = self._read()
        # Returns the connection to the pool: the caller is about to call WeChat.
        self._current_session().commit()
        self._snapshot = Snapshot(apps, version, now)
        for app in apps.values():
            if app.token_reset_at:
                self._schedule_resets(max(0.0, app.token_reset_at.timestamp() - now))
        return apps

    def stored(self) -> list[MiniProgram]:
        """Return every mini-program as the database has it, past the cache."""
        return list(self._read().values())

    def create(self, credentials: Credentials, name: str) -> bool:
        """Register a mini-program; return False if its appid is registered already."""
        app = App(
            appid=credentials.appid,
            name=name,
            secret_sealed=self.seal_secret(credentials),
            status=ACTIVE,
            created_at=utc_now(self._clock),
        )
        session = self._current_session()
        session.add(app)
        try:
            session.commit()
        except IntegrityError:
            session.rollback()
            return False
        self.invalidate()
        return True

    def seal_secret(self, credentials: Credentials) -> str:
        """Encrypt the AppSecret for the database."""
        return self._vault.seal(credentials.secret, secret_aad(credentials.appid))

    def seal_pay_key(self, appid: str, key: str, *, sandbox: bool) -> str:
        """Encrypt the AppKey of virtual payment for the database."""
        return seal_pay_key(self._vault, appid, key, sandbox=sandbox)

    def invalidate(self) -> None:
        """Make every worker read the database at its next login."""
        self._version.change()

    def differ_from_settings(self) -> bool:
        """Return whether the database has another AppSecret than the settings; it has priority."""
        app = self._read().get(self._configured.appid)
        return app is not None and app.credentials.secret not in ("", self._configured.secret)

    def _read(self) -> dict[str, MiniProgram]:
        rows = self._current_session().scalars(select(App).order_by(App.id))
        return {row.appid: self._decrypt(row) for row in rows}

    def _decrypt(self, row: App) -> MiniProgram:
        """Return the app with its AppSecret, or as UNREADABLE: other apps are not affected."""
        status = row.status
        try:
            secret = self._vault.open(row.secret_sealed, secret_aad(row.appid))
        except SealBroken as broken:
            logger.warning("the AppSecret of %s: %s", row.appid, broken)
            secret, status = "", UNREADABLE
        leak_guard.register("AppSecret", row.appid, secret)
        credentials = Credentials(row.appid, secret)
        push = self._push.read(row)
        return MiniProgram(
            row.id,
            row.appid,
            row.name,
            status,
            row.created_at,
            credentials,
            push,
            row.void_before or 0,
            open_pay_keys(self._vault, row),
            _scan_page(row),
            row.token_reset_at,
        )


def _default_appid(apps: Mapping[str, MiniProgram]) -> str:
    appids = [app.appid for app in apps.values() if app.status == ACTIVE]
    if len(appids) != 1:
        why = "name the mini-program: this server has " + ("several" if appids else "none")
        raise AppidRequired(fields=[("appid", why)])
    return appids[0]


def _scan_page(row: App) -> ScanPage:
    if row.scan_page is None:
        return ScanPage()
    return ScanPage(row.scan_page, row.scan_version or "release", row.scan_check_path is not False)


def secret_aad(appid: str) -> str:
    """Return the additional authenticated data that binds a sealed AppSecret to its app."""
    return f"app.secret_sealed:{appid}"
