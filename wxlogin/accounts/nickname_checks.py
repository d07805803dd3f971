"""WeChat's content check of nicknames, which knows only who used the mini-program just now.

A nickname that WeChat could not check is checked after the user's next login, in the background.
Until then the user's row says so: a check that is lost with its worker follows a later login.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, field

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from wxlogin.accounts.apps import Apps
from wxlogin.accounts.profiles import Profiles
from wxlogin.accounts.users import Users
from wxlogin.background_task import BackgroundTask
from wxlogin.wechat import AccessTokens, Credentials, WeChatClient
from wxlogin.wechat.errors import WeChatError
from wxlogin.wechat.reply_fields import Suggestion

MAX_WAITING = 1_000
FAULTS = (WeChatError, RedisError, SQLAlchemyError)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Visitor:
    """A user who has just logged in."""

    user: str
    app: Credentials
    openid: str = field(repr=False)


class NicknameChecks:
    """Asks WeChat whether a nickname is risky: before it is stored, or after a login."""

    def __init__(
        self,
        apps: Apps,
        users: Users,
        profiles: Profiles,
        wechat: WeChatClient,
        access_tokens: AccessTokens,
    ) -> None:
        self._apps = apps
        self._users = users
        self._profiles = profiles
        self._wechat = wechat
        self._access_tokens = access_tokens
        self._waiting: deque[Visitor] = deque()
        self._task = BackgroundTask("nickname-checks", self.run)

    def check(self, user: str, appid: str, nickname: str) -> Suggestion | None:
        """Return what WeChat suggests about a nickname, None if it cannot check the user's now."""
        app = self._apps.get_active(appid).credentials
        return self._ask(Visitor(user, app, self._users.get_openid(user)), nickname)

    def check_later(self, visitor: Visitor) -> None:
        """Check the stored nickname of a user who has just logged in. This never waits."""
        if len(self._waiting) < MAX_WAITING:
            self._waiting.append(visitor)
            self._task.schedule()

    def run(self) -> None:
        """Check the nicknames that wait; one that WeChat cannot check waits for another login."""
        while self._waiting:
            visitor = self._waiting.popleft()
            try:
                self._check_stored(visitor)
            except FAULTS as fault:
                kind = type(fault).__name__
                logger.warning("the nickname of %s is not checked yet: %s", visitor.user, kind)

    def stop(self) -> None:
        """Start no further check, and wait for the current one."""
        self._task.stop()

    def _check_stored(self, visitor: Visitor) -> None:
        nickname = self._profiles.unchecked_nickname(visitor.user)
        if nickname is None:
            return
        suggestion = self._ask(visitor, nickname)
        if suggestion:
            risky = suggestion == "risky"
            self._profiles.settle(visitor.user, nickname, risky=risky)
            if risky:
                logger.info("the nickname of %s is risky and was deleted", visitor.user)

    def _ask(self, visitor: Visitor, nickname: str) -> Suggestion | None:
        return self._access_tokens.use(
            visitor.app,
            lambda token: self._wechat.check_nickname(token, visitor.openid, nickname),
        )
