"""The session_key of a user: whether WeChat accepts it, its replacement, and keys it gives."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from wxlogin.accounts.apps import Apps
from wxlogin.accounts.errors import SessionKeyExpired
from wxlogin.accounts.users import Users
from wxlogin.service_error import ServiceError
from wxlogin.sessions import SessionKeys
from wxlogin.sessions.session_keys import StoredKeys
from wxlogin.wechat import AccessTokens, WeChatClient
from wxlogin.wechat.reply_fields import EncryptKey

Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)


class UserKeys:
    """Asks WeChat about the session_key of a user of an app."""

    def __init__(
        self,
        apps: Apps,
        users: Users,
        session_keys: SessionKeys,
        wechat: WeChatClient,
        access_tokens: AccessTokens,
        record_refusal: Callable[[ServiceError, str, str], str],
    ) -> None:
        """Record errors that no caller sees with `record_refusal`.

        It takes the error, the user and the appid, records a security event and returns the code.
        """
        self._record_refusal = record_refusal
        self._apps = apps
        self._users = users
        self._session_keys = session_keys
        self._wechat = wechat
        self._access_tokens = access_tokens

    def get(self, public_id: str) -> StoredKeys:
        """Return the user's session_keys; SessionKeyExpired if none is stored."""
        kept = self._session_keys.get(public_id)
        if kept is None:
            raise SessionKeyExpired
        return kept

    def check(self, public_id: str, appid: str, kept: StoredKeys) -> bool:
        """Return whether WeChat accepts the current key; delete the keys if it does not."""
        try:
            self._ask(
                public_id, appid, kept, lambda *of: self._wechat.check_session_key(*of) or None
            )
        except SessionKeyExpired:
            return False
        return True

    def encrypt_keys(self, public_id: str, appid: str) -> list[EncryptKey]:
        """Return the keys of the user's encrypted channel, newest first.

        SessionKeyExpired if no session_key is stored, or WeChat does not accept it any more.
        """
        return self._ask(public_id, appid, self.get(public_id), self._wechat.user_encrypt_keys)

    def require_valid(self, public_id: str, appid: str, kept: StoredKeys) -> None:
        """Raise SessionKeyExpired unless WeChat confirms that the current key is valid.

        For data that our keys cannot decrypt: only WeChat can tell whether the key or the data is
        wrong. If WeChat cannot be asked, the key counts as expired, so that the client gets a new
        one and tries again.
        """
        try:
            valid = self.check(public_id, appid, kept)
        except ServiceError as error:
            code = self._record_refusal(error, public_id, appid)
            logger.warning("WeChat could not be asked about a session_key: %s", code)
            valid = False
        if not valid:
            raise SessionKeyExpired

    def reset(self, public_id: str, appid: str) -> int:
        """Have WeChat replace the session_key; return the lifetime of the new one in seconds.

        The old key ends at once and the new one inherits its expiry (resetUserSessionKey page).
        """
        fresh = self._ask(public_id, appid, self.get(public_id), self._wechat.reset_session_key)
        return self._session_keys.save(public_id, *fresh, previous_ms=0).expires_in

    def _ask(
        self,
        public_id: str,
        appid: str,
        kept: StoredKeys,
        call: Callable[[str, str, str], Answer | None],
    ) -> Answer:
        """Make a call with access_token, openid and the current key; None means it is not valid.

        Then the keys are deleted, and SessionKeyExpired is raised.
        """
        openid = self._users.get_openid(public_id)
        answer = self._access_tokens.use(
            self._apps.get_active(appid).credentials,
            lambda token: call(token, openid, kept.current),
        )
        if answer is None:
            self._session_keys.delete(public_id, kept)
            raise SessionKeyExpired
        return answer
