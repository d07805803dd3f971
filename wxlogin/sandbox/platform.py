"""The rules of WeChat's server over the state of the world; a refusal is a WxError."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections import Counter
from typing import Any

from wxlogin.sandbox import content, opendata, users
from wxlogin.sandbox.codes import LOGIN_KINDS, PHONE_KINDS, Code
from wxlogin.sandbox.encrypt_keys import encrypt_keys
from wxlogin.sandbox.errcodes import WxError
from wxlogin.sandbox.keys import Pair, SessionKey
from wxlogin.sandbox.tokens import AccessToken
from wxlogin.sandbox.world import World

_OK = {"errcode": 0, "errmsg": "ok"}
SCENES = (0, 1)
"""Registration, and fraud in a campaign."""


class Platform:
    """The operations of WeChat's server, each atomic under the world's lock."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._minute = 0
        self._exchanges: Counter[Pair] = Counter()
        self._resets: dict[Pair, float] = {}

    def code2session(
        self, appid: str, secret: str, js_code: str, grant_type: str
    ) -> dict[str, Any]:
        """Exchange a login code for `{"session_key", "openid", "unionid"?}`.

        A refusal after the code was found uses the code up.
        """
        with self._world.lock:
            self._require_app_parameters(appid, secret)
            if not js_code:
                raise WxError(41008)
            if grant_type != "authorization_code":
                raise WxError(40002)
            self._require_secret(appid, secret)
            code = self._use_login_code(appid, js_code)
            self._limit_exchanges((appid, code.user))
            openid = self._world.openid(code.user, appid)
            unionid = self._world.unionid(code.user)
            answer = {"session_key": code.session_key, "openid": openid}
            return answer | ({"unionid": unionid} if unionid else {})

    def check_session(
        self, token: str, openid: str, signature: str, sig_method: str
    ) -> dict[str, Any]:
        """Check that the signature was made with the user's valid session_key."""
        with self._world.lock:
            self._verified_key(token, openid, signature, sig_method)
            return dict(_OK)

    def reset_session_key(
        self, token: str, openid: str, signature: str, sig_method: str
    ) -> dict[str, Any]:
        """Replace the user's session_key; the new one keeps the expiry."""
        with self._world.lock:
            pair, key = self._verified_key(token, openid, signature, sig_method)
            now = self._world.now()
            if now - self._resets.get(pair, float("-inf")) < self._world.reset_interval:
                raise WxError(45011)
            self._resets[pair] = now
            fresh = self._world.keys.reset(pair, key, now)
            return {**_OK, "openid": openid, "session_key": fresh.value}

    def encrypt_keys(
        self, token: str, openid: str, signature: str, sig_method: str
    ) -> dict[str, Any]:
        """Return the user's last three keys of the encrypted channel, newest first."""
        with self._world.lock:
            pair, _ = self._verified_key(token, openid, signature, sig_method)
            return {**_OK, "key_info_list": encrypt_keys(pair, self._world.now())}

    def token(self, appid: str, secret: str, grant_type: str) -> dict[str, Any]:
        """Return a new access_token of the plain family: `{"access_token", "expires_in"}`."""
        with self._world.lock:
            self._require_credential(appid, secret, grant_type)
            return self._granted(self._world.tokens.plain(appid, self._world.now()))

    def stable_token(
        self, appid: str, secret: str, grant_type: str, *, force: bool
    ) -> dict[str, Any]:
        """Return the access_token of the stable family: `{"access_token", "expires_in"}`."""
        with self._world.lock:
            self._require_credential(appid, secret, grant_type)
            now = self._world.now()
            return self._granted(self._world.tokens.stable(appid, now, force=force))

    def require_token(self, token: str) -> str:
        """Return the app of a live access_token; WxError otherwise."""
        with self._world.lock:
            return self._world.tokens.appid_of(token, self._world.now())

    def phone_number(self, token: str, code_text: str, openid: str | None) -> dict[str, Any]:
        """Exchange a phone code for the number; an openid, if given, must be the code's user's."""
        with self._world.lock:
            appid = self.require_token(token)
            code = self._world.codes.find(code_text, PHONE_KINDS, self._world.now())
            if code is None or code.used:
                raise WxError(40029)
            if code.appid != appid:
                raise WxError(40013)
            code.used = True
            if openid is not None and openid != self._world.openid(code.user, appid):
                raise WxError(40003)
            number = self._world.phone_fields(code.user)
            return {**_OK, "phone_info": {**number, "watermark": self._world.watermark(appid)}}

    def risk_rank(
        self, token: str, appid: str, openid: str, scene: int, address: str
    ) -> dict[str, Any]:
        """Rank a user who visited within two hours: `{"risk_rank", "unoin_id"}`."""
        with self._world.lock:
            if self.require_token(token) != appid:
                raise WxError(40013)
            if scene not in SCENES or not is_address(address):
                raise WxError(40097)
            pair = self._world.pair_of(openid)
            if pair is None or pair[0] != appid:
                raise WxError(40003)
            if not self._world.has_visited(pair, content.VISIT_SECONDS):
                raise WxError(61010)
            rank = self._world.rank_at(pair[1], address)
            # WeChat spells the last name so.
            return {
                "errcode": 0,
                "errmsg": "getuserriskrank succ",
                "risk_rank": rank,
                "unoin_id": secrets.randbelow(10**9),
            }

    def msg_sec_check(self, token: str, openid: str, text: str, scene: object) -> dict[str, Any]:
        """Check a text of a user who used the mini-program in the last two hours."""
        with self._world.lock:
            appid = self.require_token(token)
            if scene not in content.SCENES:
                raise WxError(40129)
            if len(text) > content.MAX_CONTENT:
                raise WxError(45002)
            pair = self._world.pair_of(openid)
            if pair is None:
                raise WxError(40003)
            if pair[0] != appid:
                raise WxError(43104)
            if not self._world.has_visited(pair, content.VISIT_SECONDS):
                raise WxError(61010)
            return {**_OK, **content.answer(content.verdict_on(text))}

    # Below, the lock is held.

    def _require_app_parameters(self, appid: str, secret: str) -> None:
        if not appid:
            raise WxError(41002)
        if not secret:
            raise WxError(41004)

    def _require_secret(self, appid: str, secret: str) -> None:
        expected = self._world.secret_of(appid)
        if expected is None:
            raise WxError(40013)
        if not hmac.compare_digest(expected.encode(), secret.encode()):
            raise WxError(40125)

    def _require_credential(self, appid: str, secret: str, grant_type: str) -> None:
        if grant_type != "client_credential":
            raise WxError(40002)
        self._require_app_parameters(appid, secret)
        self._require_secret(appid, secret)

    def _use_login_code(self, appid: str, js_code: str) -> Code:
        code = self._world.codes.find(js_code, LOGIN_KINDS, self._world.now())
        if code is None or code.appid != appid:
            raise WxError(40029)
        if code.used:
            raise WxError(40163)
        code.used = True
        return code

    def _limit_exchanges(self, pair: Pair) -> None:
        if self._world.is_blocked(pair[1]):
            raise WxError(40226)
        minute = int(self._world.now() // 60)
        if minute != self._minute:
            self._minute = minute
            self._exchanges.clear()
        self._exchanges[pair] += 1
        if self._exchanges[pair] > self._world.exchanges_per_minute:
            raise WxError(45011)

    def _verified_key(
        self, token: str, openid: str, signature: str, sig_method: str
    ) -> tuple[Pair, SessionKey]:
        appid = self.require_token(token)
        if not (openid and signature and sig_method):
            raise WxError(40097)
        if sig_method != "hmac_sha256":
            raise WxError(87008)
        if not users.is_openid_of(appid, openid):
            raise WxError(40003)
        # A user from before a restart counts as known, with an expired key.
        pair = self._world.pair_of(openid)
        key = self._world.keys.live(pair, self._world.now()) if pair else None
        if pair is None or key is None:
            raise WxError(87007)
        expected = opendata.key_signature(key.value)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise WxError(87009)
        return pair, key

    def _granted(self, token: AccessToken) -> dict[str, Any]:
        return {
            "access_token": token.value,
            "expires_in": int(token.expires - self._world.now()),
        }


def is_address(text: str) -> bool:
    """Return whether a text is an address of IPv4 or IPv6."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
