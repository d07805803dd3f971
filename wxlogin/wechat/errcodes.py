"""WeChat's errcodes and the error that each becomes.

WeChat's texts differ between its servers and over the years, so only the number counts. A number
that is not in the table becomes Unavailable, because it says nothing about the caller.
"""

from __future__ import annotations

from wxlogin.wechat.errors import (
    CodeInvalid,
    CodeUsed,
    Misconfigured,
    QuotaExceeded,
    Unavailable,
    UserBlocked,
    WeChatError,
)

SYSTEM_BUSY = -1
INVALID_APPID = 40013
INVALID_OPENID = 40003
INVALID_SIGNATURE = 87009
NO_SESSION_KEY = 87007
PAGE_UNKNOWN = 41030
"""The released version has no such page; only getwxacodeunlimit says so."""
NOT_VISITED = 61010
"""The user has not used the mini-program in the last two hours."""
TOKEN_REFUSED = frozenset({40001, 40014, 42001})
"""All three mean that the access_token is not, or no longer, the app's."""

FOR_A_PERSON = {
    INVALID_APPID: "the appid is wrong",
    40125: "the AppSecret is wrong",
    40164: "this server's address is not in the IP allow list",
    40243: "the AppSecret is frozen",
    41002: "the appid is missing",
    41004: "the AppSecret is missing",
    45035: "this server's address is not in the IP allow list",
    48001: "the app has no permission for this API",
    48004: "the API is blocked for the app",
    50002: "the user or the app is restricted",
    50004: "the API is forbidden for the app",
    50007: "the account is frozen",
    61004: "this server's address is not in the IP allow list",
    89503: "an administrator of the app has to confirm this server's address",
    89506: "an administrator of the app refused this server's address for 24 hours",
    89507: "an administrator of the app refused this server's address for an hour",
}
"""Errcodes that only a person can mend, at WeChat's console; no repetition does."""

_ALLOW = "Add this server's address to the IP allow list at mp.weixin.qq.com (开发设置)."
_RIGHTS = "See the mini-program's notices at mp.weixin.qq.com, and apply for the API there."
_APPID = "Compare the appid with mp.weixin.qq.com (开发设置)."
ADVICE = {
    INVALID_APPID: _APPID,
    40125: "Reset the AppSecret at mp.weixin.qq.com if nobody has it, and replace it here.",
    40164: _ALLOW,
    40243: "Unfreeze the AppSecret at mp.weixin.qq.com, or reset it and replace it here.",
    41002: _APPID,
    41004: "Replace the AppSecret here.",
    45035: _ALLOW,
    48001: _RIGHTS,
    48004: _RIGHTS,
    50002: _RIGHTS,
    50004: _RIGHTS,
    50007: "Look into the notices of the mini-program at mp.weixin.qq.com.",
    61004: _ALLOW,
    89503: "An administrator of the mini-program confirms the address in the message of WeChat.",
    89506: "Try again after 24 hours, and let an administrator of the mini-program confirm it.",
    89507: "Try again after an hour, and let an administrator of the mini-program confirm it.",
}
"""What a person does about each of them."""

ERRCODES: dict[int, type[WeChatError]] = {
    SYSTEM_BUSY: Unavailable,
    40029: CodeInvalid,
    40163: CodeUsed,
    40226: UserBlocked,
    45009: QuotaExceeded,
    45011: QuotaExceeded,
    **dict.fromkeys(FOR_A_PERSON, Misconfigured),
}

KNOWN = {
    *ERRCODES,
    *TOKEN_REFUSED,
    INVALID_OPENID,
    INVALID_SIGNATURE,
    NO_SESSION_KEY,
    NOT_VISITED,
    PAGE_UNKNOWN,
}


def error_of(errcode: int) -> WeChatError:
    """Return the error for an errcode; Unavailable for an unknown one."""
    error = ERRCODES.get(errcode, Unavailable)()
    error.errcode = errcode
    return error
