"""WeChat's calls: what each sends and what it returns."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from wxlogin.clock import Clock, milliseconds
from wxlogin.wechat.errcodes import (
    INVALID_APPID,
    INVALID_OPENID,
    INVALID_SIGNATURE,
    NO_SESSION_KEY,
    NOT_VISITED,
    PAGE_UNKNOWN,
    SYSTEM_BUSY,
)
from wxlogin.wechat.errors import (
    CodeInvalid,
    NotAttempted,
    Unavailable,
    WeChatError,
)
from wxlogin.wechat.last_answers import LastAnswers
from wxlogin.wechat.opendata import session_signature
from wxlogin.wechat.reply_fields import (
    EncryptKey,
    Suggestion,
    encrypt_key_of,
    errcode_of,
    page_unknown,
    raise_for,
    raise_for_secret,
    seconds_of,
    session_key_of,
    suggestion_of,
    text_of,
)
from wxlogin.wechat.transport import Answer, Reply, Transport

logger = logging.getLogger(__name__)

ATTEMPTS = 3
BUDGET_SECONDS = 6.0
MAX_ENCRYPT_KEYS = 3
RISK_SECONDS = 2.0
"""A first login may wait for the answer, and gets on without it."""
RISK_RANKS = range(5)
REGISTRATION = 0
JITTER_SECONDS = (0.05, 0.25)
PROFILE_SCENE = 1


@dataclass(frozen=True)
class WeChatUser:
    """The user of a code; `stamp` is the time of WeChat's answer, in ms."""

    openid: str = field(repr=False)
    unionid: str | None = field(repr=False)
    session_key: str = field(repr=False)
    stamp: int


@dataclass(frozen=True)
class ScanPage:
    """The page of a mini-program that a scan opens, as getwxacodeunlimit takes it.

    The main page if `path` is empty. With `check_path` the released version must have it.
    """

    path: str = ""
    env_version: str = "release"
    check_path: bool = True


class WeChatClient:
    """The calls of api.weixin.qq.com that wxlogin makes.

    A login code, a phone code and a reset are sent only once: a timeout may have used them up. A
    risk rank is asked once, as a login gets on without it. All other calls are retried up to twice
    on -1, 5xx and connection errors.
    """

    def __init__(
        self, transport: Transport, clock: Clock, last_answers: LastAnswers | None = None
    ) -> None:
        """Note in `last_answers` how WeChat takes each app's credentials."""
        self._transport = transport
        self._clock = clock
        self._last_answers = last_answers or LastAnswers(clock)

    def code_to_session(self, appid: str, secret: str, code: str) -> WeChatUser:
        """Exchange a code of wx.login.

        A success has openid and session_key, and no errcode (code2Session page; its `errcode: 0`
        does not occur in practice).
        """
        path = "/sns/jscode2session"
        params = {
            "appid": appid,
            "secret": secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        with self._last_answers.of(appid):
            reply = self._transport.call("GET", path, params=params)
            stamp = milliseconds(self._clock)
            raise_for_secret(path, errcode_of(reply))
        unionid = text_of(reply, "unionid") if reply.get("unionid") else None
        return WeChatUser(text_of(reply, "openid"), unionid, session_key_of(reply), stamp)

    def stable_token(self, appid: str, secret: str, *, force: bool = False) -> tuple[str, int]:
        """Return the app's access_token and its lifetime in seconds (getStableAccessToken page)."""
        with self._last_answers.of(appid):
            return self._stable_token(appid, secret, force=force)

    def try_secret(self, appid: str, secret: str) -> None:
        """Ask for an access_token only to learn whether WeChat takes this AppSecret.

        The answer is about what somebody typed: it is not noted as the app's latest.
        """
        self._stable_token(appid, secret, force=False)

    def _stable_token(self, appid: str, secret: str, *, force: bool) -> tuple[str, int]:
        path = "/cgi-bin/stable_token"
        body = {
            "grant_type": "client_credential",
            "appid": appid,
            "secret": secret,
            "force_refresh": force,
        }
        reply = self._retry("POST", path, params={}, body=body)
        raise_for_secret(path, errcode_of(reply))
        return text_of(reply, "access_token", 512), seconds_of(reply, "expires_in")

    def check_session_key(self, access_token: str, openid: str, session_key: str) -> bool:
        """Return whether the session_key is the user's valid one (checkSessionKey page)."""
        path = "/wxa/checksession"
        reply = self._retry("GET", path, params=_signed(access_token, openid, session_key))
        if errcode_of(reply) in (INVALID_SIGNATURE, NO_SESSION_KEY):
            return False
        raise_for(path, errcode_of(reply))
        return True

    def reset_session_key(
        self, access_token: str, openid: str, session_key: str
    ) -> tuple[str, int] | None:
        """Replace the session_key; return the new one and its stamp, None if the old is invalid."""
        path = "/wxa/resetusersessionkey"
        params = _signed(access_token, openid, session_key)
        reply = self._transport.call("GET", path, params=params)
        stamp = milliseconds(self._clock)
        if errcode_of(reply) in (INVALID_SIGNATURE, NO_SESSION_KEY):
            return None
        raise_for(path, errcode_of(reply))
        return session_key_of(reply), stamp

    def user_encrypt_keys(
        self, access_token: str, openid: str, session_key: str
    ) -> list[EncryptKey] | None:
        """Return the user's last three keys, newest first (getUserEncryptKey page).

        None if the session_key is invalid.
        """
        path = "/wxa/business/getuserencryptkey"
        reply = self._retry("GET", path, params=_signed(access_token, openid, session_key))
        if errcode_of(reply) in (INVALID_SIGNATURE, NO_SESSION_KEY):
            return None
        raise_for(path, errcode_of(reply))
        keys = reply.get("key_info_list")
        if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
            raise Unavailable
        return [encrypt_key_of(key) for key in keys[:MAX_ENCRYPT_KEYS]]

    def phone_number(self, access_token: str, openid: str, code: str) -> Reply:
        """Exchange a code of the phone button for its phone_info (getPhoneNumber page).

        Raises CodeInvalid if the code is unknown, old, another user's or another app's.
        """
        path = "/wxa/business/getuserphonenumber"
        body = {"code": code, "openid": openid}
        params = {"access_token": access_token}
        reply = self._transport.call("POST", path, params=params, body=body)
        # 40003: another user's code; 40013: another app's. Both are faults of what the client sent.
        if errcode_of(reply) in (INVALID_OPENID, INVALID_APPID):
            raise CodeInvalid
        raise_for(path, errcode_of(reply))
        info = reply.get("phone_info")
        if not isinstance(info, dict):
            raise Unavailable
        return info

    def risk_rank(self, access_token: str, appid: str, openid: str, address: str) -> int:
        """Return the risk rank, 0 to 4, of a user who registers from an address; asked once.

        WeChat ranks who visited within two hours (getUserRiskRank page).
        """
        path = "/wxa/getuserriskrank"
        body = {"appid": appid, "openid": openid, "scene": REGISTRATION, "client_ip": address}
        params = {"access_token": access_token}
        reply = self._transport.call("POST", path, params=params, body=body, timeout=RISK_SECONDS)
        raise_for(path, errcode_of(reply))
        rank = reply.get("risk_rank")
        if not isinstance(rank, int) or isinstance(rank, bool) or rank not in RISK_RANKS:
            raise Unavailable
        return rank

    def scan_picture(self, access_token: str, scene: str, page: ScanPage) -> bytes:
        """Return the 小程序码 that opens a page with a scene, a PNG (getUnlimitedQRCode page).

        Misconfigured if WeChat does not know the page.
        """
        path = "/wxa/getwxacodeunlimit"
        params = {"access_token": access_token}
        body = {
            "scene": scene,
            **({"page": page.path} if page.path else {}),
            "env_version": page.env_version,
            "check_path": page.check_path,
            "is_hyaline": True,  # without it the picture is a JPEG
        }
        answer = self._repeat(
            lambda left: self._transport.fetch_picture(
                path, params=params, body=body, timeout=left
            ),
            lambda answer: isinstance(answer, dict) and errcode_of(answer) == SYSTEM_BUSY,
        )
        if isinstance(answer, bytes):
            return answer
        if errcode_of(answer) == PAGE_UNKNOWN:
            logger.warning("WeChat refused %s with errcode %d: no such page", path, PAGE_UNKNOWN)
            raise page_unknown()
        raise_for(path, errcode_of(answer))
        raise Unavailable

    def check_nickname(self, access_token: str, openid: str, nickname: str) -> Suggestion | None:
        """Ask whether a nickname is risky (msgSecCheck page, version 2).

        Returns None if the user has not used the mini-program in the last two hours: WeChat checks
        what a user writes at that time alone.
        """
        path = "/wxa/msg_sec_check"
        body = {"version": 2, "scene": PROFILE_SCENE, "openid": openid, "content": nickname}
        reply = self._retry("POST", path, params={"access_token": access_token}, body=body)
        if errcode_of(reply) == NOT_VISITED:
            return None
        raise_for(path, errcode_of(reply))
        return suggestion_of(reply)

    def _retry(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str],
        body: Mapping[str, object] | None = None,
    ) -> Reply:
        """Make a call that is safe to repeat, for BUDGET_SECONDS at most."""
        return self._repeat(
            lambda left: self._transport.call(method, path, params=params, body=body, timeout=left),
            lambda reply: errcode_of(reply) == SYSTEM_BUSY,
        )

    def _repeat(self, send: Callable[[float], Answer], is_busy: Callable[[Answer], bool]) -> Answer:
        """Call `send` with the seconds that are left, again where WeChat is busy or silent."""
        deadline = time.monotonic() + BUDGET_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            left = deadline - time.monotonic()
            try:
                reply = send(left)
                if not is_busy(reply):
                    return reply
            except NotAttempted:
                raise
            except WeChatError:
                if attempt == ATTEMPTS or time.monotonic() >= deadline:
                    raise
            time.sleep(random.uniform(*JITTER_SECONDS))  # noqa: S311
        raise Unavailable


def _signed(access_token: str, openid: str, session_key: str) -> dict[str, str]:
    return {
        "access_token": access_token,
        "openid": openid,
        "signature": session_signature(session_key),
        "sig_method": "hmac_sha256",
    }
