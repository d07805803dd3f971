"""WeChat's error codes, with the texts it sends for them."""

from __future__ import annotations

_NOT_LATEST = (
    "invalid credential, access_token is invalid or not latest, could get access_token by "
    "getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r"
)
_DAILY_QUOTA = (
    "reach max api daily quota limit, could get access_token by getStableAccessToken, "
    "more details at https://mmbizurl.cn/s/JtxxFh33r"
)

ERRMSG: dict[int, str] = {
    -1: "system error",
    0: "ok",
    40001: _NOT_LATEST,
    40002: "invalid grant_type",
    40003: "invalid openid",
    40013: "invalid appid",
    40014: "invalid access_token",
    40029: "invalid code",
    40066: "invalid url",
    40097: "invalid args",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40163: "code been used",
    40164: "invalid ip not in whitelist",
    40226: "code blocked",
    40243: "appsecret frozen",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41008: "missing code",
    41030: "invalid page",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43104: "appid not match openid",
    44002: "empty post data",
    45002: "content size out of limit",
    45009: _DAILY_QUOTA,
    45011: "api minute-quota reach limit  mustslower  retry next minute",
    47001: "data format error",
    48001: "api unauthorized",
    50002: "user limited",
    61004: "access clientip is not registered",
    61010: "code is expired",
    87007: "session_key is not existd or expired",
    87008: "invalid sig_method",
    87009: "invalid signature",
}


class WxError(Exception):
    """A refusal by WeChat: an errcode and its errmsg, without the trailing rid."""

    def __init__(self, errcode: int, errmsg: str | None = None) -> None:
        self.errcode = errcode
        self.errmsg = ERRMSG.get(errcode, "unknown error") if errmsg is None else errmsg
        super().__init__(f"{errcode} {self.errmsg}")
