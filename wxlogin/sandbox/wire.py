"""The format of WeChat's API: paths, JSON, error messages, content types."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from typing import Any

from wxlogin.sandbox.errcodes import WxError

# Paths. The linters take those that end in "token" for secrets.
CODE2SESSION = "/sns/jscode2session"
CHECK_SESSION = "/wxa/checksession"
RESET_SESSION_KEY = "/wxa/resetusersessionkey"
TOKEN = "/cgi-bin/token"  # noqa: S105
STABLE_TOKEN = "/cgi-bin/stable_token"  # noqa: S105
PHONE_NUMBER = "/wxa/business/getuserphonenumber"
ENCRYPT_KEYS = "/wxa/business/getuserencryptkey"
RISK_RANK = "/wxa/getuserriskrank"
SCAN_PICTURE = "/wxa/getwxacodeunlimit"
MSG_SEC_CHECK = "/wxa/msg_sec_check"
PATHS = (
    CODE2SESSION,
    CHECK_SESSION,
    RESET_SESSION_KEY,
    TOKEN,
    STABLE_TOKEN,
    PHONE_NUMBER,
    ENCRYPT_KEYS,
    RISK_RANK,
    SCAN_PICTURE,
    MSG_SEC_CHECK,
)

JSON_TYPE = "application/json; encoding=utf-8"
BODY_LIMIT = 64 * 1024
"""Bytes of a request body."""

_HINT_LETTERS = string.ascii_letters + string.digits


def is_sns(path: str) -> bool:
    """Return whether the path is one of those that return JSON as plain text."""
    return path.startswith("/sns/")


def encoded(fields: Mapping[str, Any]) -> str:
    """Return JSON as WeChat writes it: without blanks, the fields in the given order."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def error_text(path: str, error: WxError, now: float) -> str:
    """Return the body of a refusal; the end of its errmsg depends on the path."""
    errmsg = error.errmsg + _tail(path, now)
    return encoded({"errcode": error.errcode, "errmsg": errmsg})


def _tail(path: str, now: float) -> str:
    rid = f"rid: {int(now) & 0xFFFFFFFF:08x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
    if is_sns(path):
        return f", {rid}"
    if path.startswith("/wxa/"):
        return f" hint: [{_letters(9)}-{_letters(6)}] {rid}"
    return f" {rid}"


def _letters(count: int) -> str:
    return "".join(secrets.choice(_HINT_LETTERS) for _ in range(count))
