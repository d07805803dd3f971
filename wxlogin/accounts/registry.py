"""What operators do to mini-programs: register, replace secrets, disable, enable, end sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import Row, func, select, update

from wxlogin import errors
from wxlogin.accounts.apps import ACTIVE, DISABLED, Apps, MiniProgram
from wxlogin.errors import ApiError
from wxlogin.extensions import db
from wxlogin.models import App, User
from wxlogin.sessions import SessionStore
from wxlogin.vault import Vault
from wxlogin.wechat import AccessTokens, Credentials, WeChat

BATCH = 200


def app_name(text: str) -> str:
    """What operators call a mini-program."""
    if not 0 < len(text) <= 64 or not text.isprintable():
        raise ValueError("should be 1 to 64 printable characters")
    return text


class Step(NamedTuple):
    """How far something has come: users seen to, users in all, sessions ended (or slots opened)."""

    seen: int
    users: int
    done: int


class AppRegistry:
    """Changes mini-programs; every worker knows within a moment."""

    def __init__(
        self,
        apps: Apps,
        vault: Vault,
        sessions: SessionStore,
        wechat: WeChat,
        access_tokens: AccessTokens,
    ) -> None:
        self._apps = apps
        self._vault = vault
        self._sessions = sessions
        self._wechat = wechat
        self._access_tokens = access_tokens

    def add(self, credentials: Credentials, name: str) -> None:
        """Register a mini-program; INVALID_REQUEST if it is registered."""
        if not self._apps.register(credentials, name):
            raise ApiError(
                errors.INVALID_REQUEST,
                "This appid is registered; replace its AppSecret (`flask apps set-secret`).",
                fields=[("appid", "is registered")],
            )

    def set_secret(self, credentials: Credentials) -> None:
        """Replace the AppSecret, once WeChat has taken it; the access_token before dies at once.

        No session ends. A refusal of WeChat says in its detail whether the old secret is kept.
        """
        self._known(credentials.appid)
        with _told("WeChat did not take this AppSecret; the old one is kept."):
            self._wechat.stable_token(*credentials)
        self._write(credentials.appid, secret_sealed=self._apps.sealed(credentials))
        with _told(
            "The AppSecret is replaced, but WeChat did not renew the access_token: the one before "
            "lives on. Replace it once more."
        ):
            self._access_tokens.refresh(credentials)

    def disable(self, appid: str) -> Iterator[Step]:
        """Refuse the mini-program's logins, then end its sessions.

        It may be stopped and run again.
        """
        app = self._known(appid)
        self._write(appid, status=DISABLED)
        return self._through(app, lambda tags: self._sessions.block_all(tags, "app"))

    def enable(self, appid: str) -> Iterator[Step]:
        """Let its users in again, all at one moment: the last batch is followed by that.

        It may be stopped and run again; until it came to its end the mini-program is disabled.
        """
        app = self._known(appid)
        # Their marks live for an hour: one that was left would refuse a user of an active app.
        yield from self._through(app, lambda tags: self._sessions.lift_all(tags, "app"))
        self._write(appid, status=ACTIVE)

    def end_sessions(self, appid: str) -> Iterator[Step]:
        """End the sessions of all its users, who can log in again at once."""
        return self._through(self._known(appid), self._sessions.finish_all)

    def set_push_keys(self, appid: str, token: str, aes_key: str) -> None:
        """Keep the Token and the EncodingAESKey of its message push, sealed, in place of others."""
        self._known(appid)
        self._write(
            appid,
            push_token_sealed=self._vault.seal(token, f"app.push_token_sealed:{appid}"),
            push_aes_key_sealed=self._vault.seal(aes_key, f"app.push_aes_key_sealed:{appid}"),
        )

    def _known(self, appid: str) -> MiniProgram:
        app = self._apps.all().get(appid)
        if app is None:
            raise ApiError(errors.APP_UNKNOWN)
        return app

    def _write(self, appid: str, **columns: str) -> None:
        db.session.execute(update(App).where(App.appid == appid).values(**columns))
        db.session.commit()
        self._apps.changed()

    def _through(self, app: MiniProgram, see_to: Callable[[list[str]], int]) -> Iterator[Step]:
        """Go through all users, those who come meanwhile included; tell of each batch."""
        mine = User.app_id == app.id
        count = db.session.scalar(select(func.count()).select_from(User).where(mine)) or 0
        seen = done = last = 0
        while rows := self._batch(app, last):
            done += see_to([row.public_id for row in rows])
            seen, last = seen + len(rows), rows[-1].id
            yield Step(seen, max(count, seen), done)

    def _batch(self, app: MiniProgram, last: int) -> Sequence[Row[int, str]]:
        """The next users, and no transaction left open: seeing to them takes its time."""
        rows = db.session.execute(
            select(User.id, User.public_id)
            .where(User.app_id == app.id, User.id > last)
            .order_by(User.id)
            .limit(BATCH)
        ).all()
        db.session.commit()
        return rows


@contextmanager
def _told(how_far: str) -> Iterator[None]:
    """Say in WeChat's refusals how far the change has come."""
    try:
        yield
    except ApiError as refusal:
        raise ApiError(refusal.entry, how_far) from None
