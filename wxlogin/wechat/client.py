"""WeChat's calls by their names: what each sends and what its reply must hold."""

from __future__ import annotations

import logging
import random
import re
import time
from dataclasses import dataclass, field
from typing import Any

from wxlogin import errors
from wxlogin.clock import Clock, milliseconds
from wxlogin.errors import ApiError
from wxlogin.wechat.breaker import NotAsked
from wxlogin.wechat.errcodes import (
    INVALID_APPID,
    INVALID_OPENID,
    INVALID_SIGNATURE,
    NO_SESSION_KEY,
    SYSTEM_BUSY,
    TOKEN_REFUSED,
    refusal,
)
from wxlogin.wechat.opendata import session_signature
from wxlogin.wechat.transport import Transport

logger = logging.getLogger(__name__)

ATTEMPTS = 3
BUDGET_SECONDS = 6.0
JITTER_SECONDS = (0.05, 0.25)


class AccessTokenRefused(Exception):
    """WeChat does not take the access_token: 40001, 40014 or 42001."""


@dataclass(frozen=True)
class WeChatUser:
    """Whom a code stands for; `stamp` is when WeChat's answer came, in ms."""

    openid: str = field(repr=False)
    unionid: str | None = field(repr=False)
    session_key: str = field(repr=False)
    stamp: int


class WeChat:
    """The calls of api.weixin.qq.com that wxlogin makes.

    A code of login or phone and a reset are sent once and never again: a timeout may have burnt
    them. All other calls are repeated up to twice on -1, 5xx and faults of the connection.
    """

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock

    def code_to_session(self, appid: str, secret: str, code: str) -> WeChatUser:
        """Trade a code of wx.login.

        Success has no errcode and holds openid and session_key (code2Session page; the page's
        `errcode: 0` does not come in practice).
        """
        path = "/sns/jscode2session"
        params = {
            "appid": appid,
            "secret": secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        reply = self._transport.call("GET", path, params=params)
        stamp = milliseconds(self._clock)
        _refuse_secret(path, _errcode(reply))
        unionid = _text(reply, "unionid") if reply.get("unionid") else None
        return WeChatUser(_text(reply, "openid"), unionid, _session_key(reply), stamp)

    def stable_token(self, appid: str, secret: str, *, force: bool = False) -> tuple[str, int]:
        """The app's access_token and the seconds that it lives (getStableAccessToken page)."""
        path = "/cgi-bin/stable_token"
        body = {
            "grant_type": "client_credential",
            "appid": appid,
            "secret": secret,
            "force_refresh": force,
        }
        reply = self._again("POST", path, params={}, body=body)
        _refuse_secret(path, _errcode(reply))
        return _text(reply, "access_token", 512), _seconds(reply, "expires_in")

    def session_key_holds(self, access_token: str, openid: str, session_key: str) -> bool:
        """Whether the session_key is the user's valid one (checkSessionKey page)."""
        path = "/wxa/checksession"
        reply = self._again("GET", path, params=_signed(access_token, openid, session_key))
        if _errcode(reply) in (INVALID_SIGNATURE, NO_SESSION_KEY):
            return False
        _refuse(path, _errcode(reply))
        return True

    def reset_session_key(
        self, access_token: str, openid: str, session_key: str
    ) -> tuple[str, int] | None:
        """Replace the session_key: the new one and its stamp; None if the old one held no more."""
        path = "/wxa/resetusersessionkey"
        params = _signed(access_token, openid, session_key)
        reply = self._transport.call("GET", path, params=params)
        stamp = milliseconds(self._clock)
        if _errcode(reply) in (INVALID_SIGNATURE, NO_SESSION_KEY):
            return None
        _refuse(path, _errcode(reply))
        return _session_key(reply), stamp

    def phone_number(self, access_token: str, openid: str, code: str) -> dict[str, Any]:
        """What a code of the phone button stands for: phone_info (getPhoneNumber page).

        CODE_INVALID where the code is unknown, old, used, another user's or another app's.
        """
        path = "/wxa/business/getuserphonenumber"
        body = {"code": code, "openid": openid}
        params = {"access_token": access_token}
        reply = self._transport.call("POST", path, params=params, body=body)
        # 40003: another user's; 40013: another app's. Both are what the client sent.
        if _errcode(reply) in (INVALID_OPENID, INVALID_APPID):
            raise ApiError(errors.CODE_INVALID)
        _refuse(path, _errcode(reply))
        info = reply.get("phone_info")
        if not isinstance(info, dict):
            raise ApiError(errors.WX_UNAVAILABLE)
        return info

    def _again(
        self, method: str, path: str, *, params: dict[str, str], body: Any = None
    ) -> dict[str, Any]:
        """Make a call that may be repeated, within the time that the caller has."""
        deadline = time.monotonic() + BUDGET_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            left = deadline - time.monotonic()
            try:
                reply = self._transport.call(method, path, params=params, body=body, within=left)
                if _errcode(reply) != SYSTEM_BUSY:
                    return reply
            except NotAsked:
                raise
            except ApiError:
                if attempt == ATTEMPTS or time.monotonic() >= deadline:
                    raise
            time.sleep(random.uniform(*JITTER_SECONDS))  # noqa: S311  # nosec B311
        raise ApiError(errors.WX_UNAVAILABLE)


def _signed(access_token: str, openid: str, session_key: str) -> dict[str, str]:
    return {
        "access_token": access_token,
        "openid": openid,
        "signature": session_signature(session_key),
        "sig_method": "hmac_sha256",
    }


def _errcode(reply: dict[str, Any]) -> int:
    """The reply's errcode, 0 where it has none; some servers write it as text."""
    try:
        return int(reply.get("errcode", 0))
    except (TypeError, ValueError, OverflowError):
        raise ApiError(errors.WX_UNAVAILABLE) from None


def _refuse(path: str, errcode: int) -> None:
    """Raise what an errcode means; WeChat's own text stays out, it may quote the call."""
    if errcode in TOKEN_REFUSED:
        raise AccessTokenRefused
    if errcode:
        logger.warning("WeChat refused %s with errcode %d", path, errcode)
        raise refusal(errcode)


def _refuse_secret(path: str, errcode: int) -> None:
    """As `_refuse`, for calls that carry the AppSecret: there 40001 means that it is wrong."""
    try:
        _refuse(path, errcode)
    except AccessTokenRefused:
        raise ApiError(errors.WX_MISCONFIGURED) from None


def _text(reply: dict[str, Any], name: str, most: int = 128) -> str:
    value = reply.get(name)
    if not isinstance(value, str) or not re.fullmatch(r"[\x21-\x7e]+", value) or len(value) > most:
        raise ApiError(errors.WX_UNAVAILABLE)
    return value


def _session_key(reply: dict[str, Any]) -> str:
    """Base64 of 16 bytes, as all of WeChat's keys are."""
    value = _text(reply, "session_key")
    if not re.fullmatch("[A-Za-z0-9+/]{22}==", value):
        raise ApiError(errors.WX_UNAVAILABLE)
    return value


def _seconds(reply: dict[str, Any], name: str) -> int:
    value = reply.get(name)
    if not isinstance(value, int) or not 0 < value <= 86_400:
        raise ApiError(errors.WX_UNAVAILABLE)
    return value
