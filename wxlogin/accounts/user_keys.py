"""What WeChat says of a user's session_key: whether it holds, and its replacement."""

from __future__ import annotations

import logging
from collections.abc import Callable

from wxlogin import errors
from wxlogin.accounts.apps import Apps
from wxlogin.accounts.users import Users
from wxlogin.errors import ApiError
from wxlogin.sessions import SessionKeys
from wxlogin.sessions.session_keys import KeptKeys
from wxlogin.wechat import AccessTokens, WeChat

logger = logging.getLogger(__name__)


class UserKeys:
    """Asks WeChat about the session_key of a user of an app."""

    def __init__(
        self,
        apps: Apps,
        users: Users,
        session_keys: SessionKeys,
        wechat: WeChat,
        access_tokens: AccessTokens,
        refused: Callable[..., None],
    ) -> None:
        """`refused` is told of WeChat's refusals that no caller is told of: code, user, app."""
        self._refused = refused
        self._apps = apps
        self._users = users
        self._session_keys = session_keys
        self._wechat = wechat
        self._access_tokens = access_tokens

    def fetch(self, tag: str) -> KeptKeys:
        """The user's session_keys; SESSION_KEY_EXPIRED where none is kept."""
        kept = self._session_keys.fetch(tag)
        if kept is None:
            raise ApiError(errors.SESSION_KEY_EXPIRED)
        return kept

    def holds(self, tag: str, appid: str, kept: KeptKeys) -> bool:
        """Whether WeChat says that the key still holds; one that does not is forgotten."""
        openid = self._users.openid(tag)
        holds = self._access_tokens.use(
            self._apps.find(appid).credentials,
            lambda token: self._wechat.session_key_holds(token, openid, kept.current),
        )
        if not holds:
            self._session_keys.forget(tag, kept)
        return holds

    def blame(self, tag: str, appid: str, kept: KeptKeys, fault: errors.Entry) -> ApiError:
        """The refusal of data that our keys do not open, by WeChat's word alone.

        A key that still holds means `fault`; one that does not, or that WeChat cannot be asked
        about, means SESSION_KEY_EXPIRED: then the client gets a fresh key and tries once more.
        """
        try:
            holds = self.holds(tag, appid, kept)
        except ApiError as refusal:
            logger.warning("WeChat could not be asked about a session_key: %s", refusal)
            self._refused(refusal.entry.code, user=tag, app=appid)
            holds = False
        return ApiError(fault if holds else errors.SESSION_KEY_EXPIRED)

    def reset(self, tag: str, appid: str) -> int:
        """Let WeChat replace the session_key; give back the new one's life in seconds.

        The old key dies at once and the new one inherits its end (resetUserSessionKey page).
        """
        kept, openid = self.fetch(tag), self._users.openid(tag)
        fresh = self._access_tokens.use(
            self._apps.find(appid).credentials,
            lambda token: self._wechat.reset_session_key(token, openid, kept.current),
        )
        if fresh is None:
            self._session_keys.forget(tag, kept)
            raise ApiError(errors.SESSION_KEY_EXPIRED)
        return self._session_keys.keep(tag, *fresh, previous_ms=0)
