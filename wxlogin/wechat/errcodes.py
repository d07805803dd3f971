"""WeChat's errcodes and what each means to a caller of ours.

Texts differ between WeChat's servers and years, so the number alone is looked at. A number that is
not in the table is WX_UNAVAILABLE: what is not known is nobody's fault but ours.
"""

from __future__ import annotations

from wxlogin import errors
from wxlogin.errors import ApiError, Entry

SYSTEM_BUSY = -1
INVALID_APPID = 40013
INVALID_OPENID = 40003
INVALID_SIGNATURE = 87009
NO_SESSION_KEY = 87007
TOKEN_REFUSED = frozenset({40001, 40014, 42001})
"""Three names for one thing: the access_token is not, or not any more, the app's."""

ERRCODES: dict[int, Entry] = {
    SYSTEM_BUSY: errors.WX_UNAVAILABLE,
    40029: errors.CODE_INVALID,
    40163: errors.CODE_USED,
    40226: errors.WX_USER_BLOCKED,
    45009: errors.WX_RATE_LIMITED,
    45011: errors.WX_RATE_LIMITED,
    INVALID_APPID: errors.WX_MISCONFIGURED,
    40125: errors.WX_MISCONFIGURED,
    40164: errors.WX_MISCONFIGURED,
    40243: errors.WX_MISCONFIGURED,
    41002: errors.WX_MISCONFIGURED,
    41004: errors.WX_MISCONFIGURED,
    48001: errors.WX_MISCONFIGURED,
    50002: errors.WX_MISCONFIGURED,
    61004: errors.WX_MISCONFIGURED,
}


KNOWN = {*ERRCODES, *TOKEN_REFUSED, INVALID_OPENID, INVALID_SIGNATURE, NO_SESSION_KEY}


def refusal(errcode: int) -> ApiError:
    """The error that a WeChat errcode becomes."""
    return ApiError(ERRCODES.get(errcode, errors.WX_UNAVAILABLE))
