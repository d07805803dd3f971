"""What operators do to mini-programs: register, replace the AppSecret, disable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import func, select, update

from wxlogin import errors
from wxlogin.accounts.apps import DISABLED, Apps, MiniProgram
from wxlogin.errors import ApiError
from wxlogin.extensions import db
from wxlogin.models import App, User
from wxlogin.sessions import SessionStore
from wxlogin.wechat import AccessTokens, Credentials, WeChat

BATCH = 500


class AppRegistry:
    """Changes mini-programs; every worker knows within a moment."""

    def __init__(
        self,
        apps: Apps,
        sessions: SessionStore,
        wechat: WeChat,
        access_tokens: AccessTokens,
    ) -> None:
        self._apps = apps
        self._sessions = sessions
        self._wechat = wechat
        self._access_tokens = access_tokens

    def add(self, credentials: Credentials, name: str) -> None:
        """Register a mini-program; INVALID_REQUEST if it is registered."""
        if not self._apps.register(credentials, name):
            raise ApiError(
                errors.INVALID_REQUEST,
                "This appid is registered; `set-secret` replaces its AppSecret.",
                fields=[("appid", "is registered")],
            )

    def set_secret(self, credentials: Credentials) -> None:
        """Replace the AppSecret, once WeChat has taken it; the access_token before dies at once.

        No session ends. A refusal of WeChat says in its detail whether the old secret is kept.
        """
        self._known(credentials.appid)
        with _told("WeChat did not take this AppSecret; the old one is kept."):
            self._wechat.stable_token(*credentials)
        db.session.execute(
            update(App)
            .where(App.appid == credentials.appid)
            .values(secret_sealed=self._apps.sealed(credentials))
        )
        db.session.commit()
        self._apps.changed()
        with _told(
            "The AppSecret is replaced, but WeChat did not renew the access_token: the one before "
            "lives on. Run the command again."
        ):
            self._access_tokens.refresh(credentials)

    def disable(self, appid: str) -> Iterator[tuple[int, int, int]]:
        """Refuse the mini-program's logins, then end its sessions.

        Yields users seen to so far, users in all and sessions ended, after each batch. It may be
        stopped and run again.
        """
        app = self._known(appid)
        db.session.execute(update(App).where(App.appid == appid).values(status=DISABLED))
        db.session.commit()
        self._apps.changed()
        return self._ended(app, lambda tag: self._sessions.block(tag, "app"))

    def _known(self, appid: str) -> MiniProgram:
        app = self._apps.all().get(appid)
        if app is None:
            raise ApiError(errors.APP_UNKNOWN)
        return app

    def _ended(self, app: MiniProgram, end: Callable[[str], int]) -> Iterator[tuple[int, int, int]]:
        """Go through all users, those who come meanwhile included."""
        mine = User.app_id == app.id
        count = db.session.scalar(select(func.count()).select_from(User).where(mine)) or 0
        seen = ended = last = 0
        while True:
            rows = db.session.execute(
                select(User.id, User.public_id)
                .where(mine, User.id > last)
                .order_by(User.id)
                .limit(BATCH)
            ).all()
            if not rows:
                return
            ended += sum(end(row.public_id) for row in rows)
            seen, last = seen + len(rows), rows[-1].id
            yield seen, max(count, seen), ended


@contextmanager
def _told(how_far: str) -> Iterator[None]:
    """Say in WeChat's refusals how far the change has come."""
    try:
        yield
    except ApiError as refusal:
        raise ApiError(refusal.entry, how_far) from None
