"""What WeChat's replies must contain: their fields, and the errors of their errcodes."""

from __future__ import annotations

import logging
import re
from typing import Literal, NamedTuple, cast, get_args

from wxlogin.wechat.errcodes import (
    FOR_A_PERSON,
    PAGE_UNKNOWN,
    TOKEN_REFUSED,
    error_of,
)
from wxlogin.wechat.errors import (
    AccessTokenRefused,
    Misconfigured,
    Unavailable,
)
from wxlogin.wechat.transport import Reply

logger = logging.getLogger(__name__)
RISK_RANKS = range(5)

Suggestion = Literal["pass", "review", "risky"]
"""What WeChat suggests about a text."""


class EncryptKey(NamedTuple):
    """A key of a user's encrypted channel (加密网络通道); `expires_in` is 0 once it is over."""

    encrypt_key: str
    iv: str
    version: int
    expires_in: int

    def __repr__(self) -> str:
        return f"EncryptKey(version={self.version})"


def errcode_of(reply: Reply) -> int:
    """Return the reply's errcode, 0 if it has none; some servers write it as text."""
    errcode = reply.get("errcode", 0)
    if not isinstance(errcode, int | float | str):
        raise Unavailable
    try:
        return int(errcode)
    except (ValueError, OverflowError):
        raise Unavailable from None


def raise_for(path: str, errcode: int) -> None:
    """Raise the error of an errcode, without WeChat's own text: it may quote the call."""
    if errcode in TOKEN_REFUSED:
        raise AccessTokenRefused
    if errcode:
        why = FOR_A_PERSON.get(errcode, "see its list of errcodes")
        logger.warning("WeChat refused %s with errcode %d: %s", path, errcode, why)
        raise error_of(errcode)


def page_unknown() -> Misconfigured:
    """Return the error of a page that the mini-program does not have."""
    error = Misconfigured(
        "The released version of the mini-program has not the page that a scan opens (errcode "
        "41030). Set the page with `flask --app wsgi apps set-scan-page`, or release it."
    )
    error.errcode = PAGE_UNKNOWN
    return error


def raise_for_secret(path: str, errcode: int) -> None:
    """As `raise_for`, for calls with the AppSecret: there 40001 means that it is wrong."""
    try:
        raise_for(path, errcode)
    except AccessTokenRefused:
        error = Misconfigured()
        error.errcode = errcode
        raise error from None


def text_of(reply: Reply, name: str, max_length: int = 128) -> str:
    """Return printable ASCII text of the reply; Unavailable if it is anything else."""
    value = reply.get(name)
    if not isinstance(value, str) or len(value) > max_length:
        raise Unavailable
    if not re.fullmatch(r"[\x21-\x7e]+", value):
        raise Unavailable
    return value


def session_key_of(reply: Reply) -> str:
    """Return the session_key: base64 of 16 bytes, as all keys of WeChat."""
    value = text_of(reply, "session_key")
    if not re.fullmatch("[A-Za-z0-9+/]{22}==", value):
        raise Unavailable
    return value


def encrypt_key_of(fields: Reply) -> EncryptKey:
    """Return a key of the encrypted channel; Unavailable if a field is wrong."""
    version, expires_in = fields.get("version"), fields.get("expire_in")
    if not isinstance(version, int) or not isinstance(expires_in, int):
        raise Unavailable
    return EncryptKey(text_of(fields, "encrypt_key"), text_of(fields, "iv"), version, expires_in)


def suggestion_of(reply: Reply) -> Suggestion:
    """Return the suggestion of a check; the errcode is 0 for a risky text too."""
    result = reply.get("result")
    suggest = result.get("suggest") if isinstance(result, dict) else None
    if suggest not in get_args(Suggestion):
        raise Unavailable
    return cast("Suggestion", suggest)


def seconds_of(reply: Reply, name: str) -> int:
    """Return a lifetime of a day at most; Unavailable if it is anything else."""
    value = reply.get(name)
    if not isinstance(value, int) or not 0 < value <= 86_400:
        raise Unavailable
    return value
