"""WeChat's calls by their names: what each sends and what its reply must hold."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from wxlogin import errors
from wxlogin.clock import Clock, milliseconds
from wxlogin.errors import ApiError
from wxlogin.wechat.errcodes import refusal
from wxlogin.wechat.transport import Transport

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class WeChatUser:
    """Whom a code stands for; `stamp` is when WeChat's answer came, in ms."""

    openid: str = field(repr=False)
    session_key: str = field(repr=False)
    stamp: int


class WeChat:
    """The calls of api.weixin.qq.com that wxlogin makes."""

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock

    def code_to_session(self, appid: str, secret: str, code: str) -> WeChatUser:
        """Trade a code of wx.login, once and never again: a timeout may have burnt it.

        Success has no errcode and holds openid and session_key (code2Session page; the page's
        `errcode: 0` does not come in practice).
        """
        reply = self._transport.call(
            "GET",
            "/sns/jscode2session",
            params={
                "appid": appid,
                "secret": secret,
                "js_code": code,
                "grant_type": "authorization_code",
            },
        )
        stamp = milliseconds(self._clock)
        _refuse(reply, "/sns/jscode2session")
        return WeChatUser(_text(reply, "openid"), _text(reply, "session_key"), stamp)


def _refuse(reply: dict[str, Any], path: str) -> None:
    """Raise what a non-zero errcode means; WeChat's own text stays out, it may quote the call."""
    try:
        errcode = int(reply.get("errcode", 0))
    except (TypeError, ValueError):
        raise ApiError(errors.WX_UNAVAILABLE) from None
    if errcode:
        logger.warning("WeChat refused %s with errcode %d", path, errcode)
        raise refusal(errcode)


def _text(reply: dict[str, Any], name: str) -> str:
    value = reply.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 128:
        raise ApiError(errors.WX_UNAVAILABLE)
    return value
