"""The mini-programs that are registered, and their AppSecrets."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from wxlogin import errors
from wxlogin.clock import Clock
from wxlogin.errors import ApiError
from wxlogin.extensions import db
from wxlogin.models import App
from wxlogin.vault import Vault

logger = logging.getLogger(__name__)

ACTIVE = "active"


@dataclass(frozen=True)
class MiniProgram:
    """A registered mini-program with its AppSecret opened."""

    id: int
    appid: str
    secret: str = field(repr=False)


class Apps:
    """Finds mini-programs. The first one may come from the settings and is registered on sight."""

    def __init__(self, vault: Vault, clock: Clock, appid: str, secret: str) -> None:
        self._vault = vault
        self._clock = clock
        self._first_appid = appid
        self._first_secret = secret

    def find(self, appid: str | None) -> MiniProgram:
        """The active mini-program of this appid, or the one meant when none is named.

        APP_UNKNOWN if it is not registered or disabled, INVALID_REQUEST if `appid` must be named.
        """
        wanted = appid or self._first_appid or self._only_one()
        row = self._row(wanted)
        if row is None and wanted == self._first_appid:
            row = self._register_first()
        if row is None or row.status != ACTIVE:
            raise ApiError(errors.APP_UNKNOWN)
        return MiniProgram(row.id, row.appid, self._vault.open(row.secret_sealed, _place(wanted)))

    def differ_from_settings(self) -> bool:
        """Whether the database holds another AppSecret than the settings name; that one counts."""
        row = self._row(self._first_appid) if self._first_appid else None
        if row is None:
            return False
        return self._vault.open(row.secret_sealed, _place(row.appid)) != self._first_secret

    def _row(self, appid: str) -> App | None:
        return db.session.scalar(select(App).where(App.appid == appid))

    def _only_one(self) -> str:
        appids = db.session.scalars(select(App.appid).where(App.status == ACTIVE).limit(2)).all()
        if len(appids) != 1:
            why = "name the mini-program: this server has " + ("several" if appids else "none")
            raise ApiError(errors.INVALID_REQUEST, fields=[("appid", why)])
        return appids[0]

    def _register_first(self) -> App | None:
        row = App(
            appid=self._first_appid,
            name=self._first_appid,
            secret_sealed=self._vault.seal(self._first_secret, _place(self._first_appid)),
            status=ACTIVE,
            created_at=datetime.fromtimestamp(self._clock(), UTC),
        )
        db.session.add(row)
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()  # another worker was first
        return self._row(self._first_appid)


def _place(appid: str) -> str:
    return f"app.secret_sealed:{appid}"
