"""WeChat's calls: what each sends and what its reply must contain."""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, cast, get_args

from wxlogin.clock import Clock, milliseconds
from wxlogin.wechat.errcodes import (
    FOR_A_PERSON,
    INVALID_APPID,
    INVALID_OPENID,
    INVALID_SIGNATURE,
    NO_SESSION_KEY,
    NOT_VISITED,
    PAGE_UNKNOWN,
    SYSTEM_BUSY,
    TOKEN_REFUSED,
    error_of,
)
from wxlogin.wechat.errors import (
    AccessTokenRefused,
    CodeInvalid,
    Misconfigured,
    NotAttempted,
    Unavailable,
    WeChatError,
)
from wxlogin.wechat.opendata import session_signature
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

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock

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
        reply = self._transport.call("GET", path, params=params)
        stamp = milliseconds(self._clock)
        _raise_for_secret(path, _errcode(reply))
        unionid = _text(reply, "unionid") if reply.get("unionid") else None
        return WeChatUser(_text(reply, "openid"), unionid, _session_key(reply), stamp)

    def stable_token(self, appid: str, secret: str, *, force: bool = False) -> tuple[str, int]:
        """Return the app's access_token and its lifetime in seconds (getStableAccessToken page)."""
        path = "/cgi-bin/stable_token"
        body = {
            "grant_type": "client_credential",
            "appid": appid,
            "secret": secret,
            "force_refresh": force,
        }
        reply = self._retry("POST", path, params={}, body=body)
        _raise_for_secret(path, _errcode(reply))
        return _text(reply, "access_token", 512), _seconds(reply, "expires_in")

    def check_session_key(self, access_token: str, openid: str, session_key: str) -> bool:
        """Return whether the session_key is the user's valid one (checkSessionKey page)."""
        path = "/wxa/checksession"
        reply = self._retry("GET", path, params=_signed(access_token, openid, session_key))
        if _errcode(reply) in (INVALID_SIGNATURE, NO_SESSION_KEY):
            return False
        _raise_for(path, _errcode(reply))
        return True

    def reset_session_key(
        self, access_token: str, openid: str, session_key: str
    ) -> tuple[str, int] | None:
        """Replace the session_key; return the new one and its stamp, None if the old is invalid."""
        path = "/wxa/resetusersessionkey"
        params = _signed(access_token, openid, session_key)
        reply = self._transport.call("GET", path, params=params)
        stamp = milliseconds(self._clock)
        if _errcode(reply) in (INVALID_SIGNATURE, NO_SESSION_KEY):
            return None
        _raise_for(path, _errcode(reply))
        return _session_key(reply), stamp

    def user_encrypt_keys(
        self, access_token: str, openid: str, session_key: str
    ) -> list[EncryptKey] | None:
        """Return the user's last three keys, newest first (getUserEncryptKey page).

        None if the session_key is invalid.
        """
        path = "/wxa/business/getuserencryptkey"
        reply = self._retry("GET", path, params=_signed(access_token, openid, session_key))
        if _errcode(reply) in (INVALID_SIGNATURE, NO_SESSION_KEY):
            return None
        _raise_for(path, _errcode(reply))
        keys = reply.get("key_info_list")
        if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
            raise Unavailable
        return [_encrypt_key(key) for key in keys[:MAX_ENCRYPT_KEYS]]

    def phone_number(self, access_token: str, openid: str, code: str) -> Reply:
        """Exchange a code of the phone button for its phone_info (getPhoneNumber page).

        Raises CodeInvalid if the code is unknown, old, another user's or another app's.
        """
        path = "/wxa/business/getuserphonenumber"
        body = {"code": code, "openid": openid}
        params = {"access_token": access_token}
        reply = self._transport.call("POST", path, params=params, body=body)
        # 40003: another user's code; 40013: another app's. Both are faults of what the client sent.
        if _errcode(reply) in (INVALID_OPENID, INVALID_APPID):
            raise CodeInvalid
        _raise_for(path, _errcode(reply))
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
        _raise_for(path, _errcode(reply))
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
            lambda answer: isinstance(answer, dict) and _errcode(answer) == SYSTEM_BUSY,
        )
        if isinstance(answer, bytes):
            return answer
        if _errcode(answer) == PAGE_UNKNOWN:
            logger.warning("WeChat refused %s with errcode %d: no such page", path, PAGE_UNKNOWN)
            raise _page_unknown()
        _raise_for(path, _errcode(answer))
        raise Unavailable

    def check_nickname(self, access_token: str, openid: str, nickname: str) -> Suggestion | None:
        """Ask whether a nickname is risky (msgSecCheck page, version 2).

        Returns None if the user has not used the mini-program in the last two hours: WeChat checks
        what a user writes at that time alone.
        """
        path = "/wxa/msg_sec_check"
        body = {"version": 2, "scene": PROFILE_SCENE, "openid": openid, "content": nickname}
        reply = self._retry("POST", path, params={"access_token": access_token}, body=body)
        if _errcode(reply) == NOT_VISITED:
            return None
        _raise_for(path, _errcode(reply))
        return _suggestion(reply)

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
            lambda reply: _errcode(reply) == SYSTEM_BUSY,
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
            time.sleep(random.uniform(*JITTER_SECONDS))  # noqa: S311  # nosec B311
        raise Unavailable


def _signed(access_token: str, openid: str, session_key: str) -> dict[str, str]:
    return {
        "access_token": access_token,
        "openid": openid,
        "signature": session_signature(session_key),
        "sig_method": "hmac_sha256",
    }


def _errcode(reply: Reply) -> int:
    """Return the reply's errcode, 0 if it has none; some servers write it as text."""
    errcode = reply.get("errcode", 0)
    if not isinstance(errcode, int | float | str):
        raise Unavailable
    try:
        return int(errcode)
    except (ValueError, OverflowError):
        raise Unavailable from None


def _raise_for(path: str, errcode: int) -> None:
    """Raise the error of an errcode, without WeChat's own text: it may quote the call."""
    if errcode in TOKEN_REFUSED:
        raise AccessTokenRefused
    if errcode:
        why = FOR_A_PERSON.get(errcode, "see its list of errcodes")
        logger.warning("WeChat refused %s with errcode %d: %s", path, errcode, why)
        raise error_of(errcode)


def _page_unknown() -> Misconfigured:
    error = Misconfigured(
        "The released version of the mini-program has not the page that a scan opens (errcode "
        "41030). Set the page with `flask --app wsgi apps set-scan-page`, or release it."
    )
    error.errcode = PAGE_UNKNOWN
    return error


def _raise_for_secret(path: str, errcode: int) -> None:
    """As `_raise_for`, for calls with the AppSecret: there 40001 means that it is wrong."""
    try:
        _raise_for(path, errcode)
    except AccessTokenRefused:
        error = Misconfigured()
        error.errcode = errcode
        raise error from None


def _text(reply: Reply, name: str, max_length: int = 128) -> str:
    """Return printable ASCII text of the reply; Unavailable if it is anything else."""
    value = reply.get(name)
    if not isinstance(value, str) or len(value) > max_length:
        raise Unavailable
    if not re.fullmatch(r"[\x21-\x7e]+", value):
        raise Unavailable
    return value


def _session_key(reply: Reply) -> str:
    """Return the session_key: base64 of 16 bytes, as all keys of WeChat."""
    value = _text(reply, "session_key")
    if not re.fullmatch("[A-Za-z0-9+/]{22}==", value):
        raise Unavailable
    return value


def _encrypt_key(fields: Reply) -> EncryptKey:
    version, expires_in = fields.get("version"), fields.get("expire_in")
    if not isinstance(version, int) or not isinstance(expires_in, int):
        raise Unavailable
    return EncryptKey(_text(fields, "encrypt_key"), _text(fields, "iv"), version, expires_in)


def _suggestion(reply: Reply) -> Suggestion:
    """Return the suggestion of a check; the errcode is 0 for a risky text too."""
    result = reply.get("result")
    suggest = result.get("suggest") if isinstance(result, dict) else None
    if suggest not in get_args(Suggestion):
        raise Unavailable
    return cast("Suggestion", suggest)


def _seconds(reply: Reply, name: str) -> int:
    value = reply.get(name)
    if not isinstance(value, int) or not 0 < value <= 86_400:
        raise Unavailable
    return value
