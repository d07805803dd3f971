"""The state of the sandbox: apps, users, their keys and codes, and the phone."""

from __future__ import annotations

import re
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Any

from wxlogin.sandbox import opendata, users
from wxlogin.sandbox.codes import Codes
from wxlogin.sandbox.keys import Pair, RotateOnLogin, SessionKeys
from wxlogin.sandbox.tokens import AccessTokens
from wxlogin.sandbox.wire import encoded

_APPID = re.compile(r"wx[0-9a-f]{16}")
_SECRET = re.compile(r"[0-9a-f]{32}")
_AVATAR = "https://thirdwx.qlogo.cn/mmopen/vi_32/anonymous/132"


class World:
    """All state, in memory, under one lock. A user exists as soon as a call names it.

    `appid=None` means the first app. An invalid name, appid or secret raises a ValueError that says
    what to pass.
    """

    def __init__(self, apps: Mapping[str, str], clock: Callable[[], float]) -> None:
        self.lock = threading.RLock()
        self.open_platform = False
        """Whether the apps belong to an Open Platform account, so that users have unionids."""
        self.exchanges_per_minute = 100
        """Maximum code2Session calls per user and app; more are refused with 45011."""
        self.reset_interval = 60.0
        """Minimum seconds between two resets of a user's session_key."""
        self.sns_content_type = "text/plain"
        self.main_page = "pages/index/index"
        self.pages = {self.main_page, "pages/scan/scan"}
        """The pages of the released version of each app."""
        self.calls: Counter[str] = Counter()
        """Number of calls by path of WeChat's API; all other paths count as `unknown`."""
        self.keys = SessionKeys()
        self.codes = Codes()
        self.tokens = AccessTokens()
        self._clock = clock
        self._secrets: dict[str, str] = {}
        self._pairs: dict[str, Pair] = {}
        self._blocked: set[str] = set()
        self._ranks: dict[str, int] = {}
        self.ranked: deque[tuple[str, str]] = deque(maxlen=100)
        """The latest users that getUserRiskRank was asked about, each with the client's address."""
        self._visits: dict[Pair, float] = {}
        for appid, secret in apps.items():
            self.add_app(appid, secret)
        if not self._secrets:
            raise ValueError("the sandbox needs at least one app: {appid: secret}")

    def now(self) -> float:
        """Return the clock's time, in Unix seconds."""
        return self._clock()

    def count(self, path: str) -> None:
        """Count a call."""
        with self.lock:
            self.calls[path] += 1

    # Apps

    def add_app(self, appid: str, secret: str) -> None:
        """Register a mini-program."""
        if not _APPID.fullmatch(appid):
            raise ValueError("appid must be wx and 16 lower-case hex digits")
        with self.lock:
            self._store_secret(appid, secret)

    def set_secret(self, appid: str, secret: str) -> None:
        """Replace an AppSecret: the previous one is refused from now on; tokens stay valid."""
        with self.lock:
            self._store_secret(self._app(appid), secret)

    def appid(self, appid: str | None) -> str:
        """Return the appid of a registered mini-program, of the first one for None."""
        with self.lock:
            return self._app(appid)

    def secret_of(self, appid: str) -> str | None:
        """Return the AppSecret, None for an unknown app."""
        with self.lock:
            return self._secrets.get(appid)

    def invalidate_access_tokens(self, appid: str | None = None) -> None:
        """Invalidate the app's access_tokens at once (40001), as a forced refresh does."""
        with self.lock:
            self.tokens.invalidate(self._app(appid), self.now())

    # Users

    def openid(self, user: str, appid: str | None = None) -> str:
        """Return the user's openid in the app, which is the same after a restart."""
        with self.lock:
            pair = self._pair(user, appid)
            return users.openid_of(*pair)

    def unionid(self, user: str) -> str | None:
        """Return the user's unionid, None unless `open_platform`."""
        return users.unionid_of(users.check_name(user)) if self.open_platform else None

    def pair_of(self, openid: str) -> Pair | None:
        """Return (appid, user) of a known openid, None for others."""
        with self.lock:
            return self._pairs.get(openid)

    def block(self, user: str) -> None:
        """Mark the user as high-risk: every login is refused with 40226."""
        with self.lock:
            self._blocked.add(users.check_name(user))

    def unblock(self, user: str) -> None:
        """Undo `block`."""
        with self.lock:
            self._blocked.discard(user)

    def is_blocked(self, user: str) -> bool:
        """Return whether the user is blocked."""
        with self.lock:
            return user in self._blocked

    def set_risk_rank(self, user: str, rank: int) -> None:
        """Have getUserRiskRank give the user this rank, 0 to 4; everybody begins with 0."""
        if isinstance(rank, bool) or not isinstance(rank, int) or not 0 <= rank <= 4:
            raise ValueError("rank must be a whole number from 0 to 4")
        with self.lock:
            self._ranks[users.check_name(user)] = rank

    def rank_at(self, user: str, address: str) -> int:
        """Return the user's risk rank, and remember the address that was asked about."""
        with self.lock:
            self.ranked.append((user, address))
            return self._ranks.get(user, 0)

    def has_visited(self, pair: Pair, seconds: float) -> bool:
        """Return whether the user called wx.login in the app in the last seconds."""
        with self.lock:
            return self.now() - self._visits.get(pair, float("-inf")) < seconds

    # session_keys

    @property
    def rotate_on_login(self) -> RotateOnLogin:
        """When wx.login replaces a live session_key: `never`, `aged` or `always`."""
        return self.keys.rotate_on_login

    @rotate_on_login.setter
    def rotate_on_login(self, policy: RotateOnLogin) -> None:
        self.keys.rotate_on_login = policy

    @property
    def min_refresh(self) -> float:
        """Age in seconds from which a login rotates a key under `aged`."""
        return self.keys.min_refresh

    @min_refresh.setter
    def min_refresh(self, seconds: float) -> None:
        self.keys.min_refresh = seconds

    def session_key(self, user: str, appid: str | None = None) -> str:
        """Return the valid session_key, which the phone encrypts with; generate it if needed."""
        with self.lock:
            return self.keys.current(self._pair(user, appid), self.now()).value

    def rotate_session_key(self, user: str, appid: str | None = None) -> None:
        """Generate a new session_key, which invalidates the previous one."""
        with self.lock:
            self.keys.rotate(self._pair(user, appid), self.now())

    def expire_session_key(self, user: str, appid: str | None = None) -> None:
        """Delete the session_key without a successor."""
        with self.lock:
            self.keys.expire(self._pair(user, appid))

    # The phone

    def login_code(self, user: str = "alice", appid: str | None = None) -> str:
        """Call wx.login: return a code, valid once for five minutes; the session_key may rotate."""
        with self.lock:
            pair, now = self._pair(user, appid), self.now()
            self._visits[pair] = now
            return self.codes.issue_login(*pair, self.keys.at_login(pair, now).value, now)

    def phone_code(self, user: str = "alice", appid: str | None = None) -> str:
        """Press the phone-number button: return 64 hex digits, valid once for five minutes."""
        with self.lock:
            return self.codes.issue_phone(*self._pair(user, appid), self.now())

    def realtime_phone_code(self, user: str = "alice", appid: str | None = None) -> str:
        """Press the button of the number that is verified in real time: return 64 hex digits."""
        with self.lock:
            return self.codes.issue_phone(*self._pair(user, appid), self.now(), "realtime-phone")

    def encrypt(
        self,
        user: str,
        payload: Mapping[str, Any],
        appid: str | None = None,
        watermark: bool = True,
    ) -> dict[str, str]:
        """Encrypt a payload with the valid session_key: `{"encryptedData", "iv"}`."""
        with self.lock:
            appid = self._app(appid)
            mark = {"watermark": self.watermark(appid)} if watermark else {}
            plain = encoded({**payload, **mark})
            return opendata.encrypted(self.session_key(user, appid), plain)

    def profile(self, user: str = "alice", appid: str | None = None) -> dict[str, str]:
        """Call wx.getUserProfile: `{"rawData", "signature", "encryptedData", "iv"}`, anonymised."""
        with self.lock:
            shown = _profile_fields(user)
            unionid = self.unionid(user)
            ids = {"openId": self.openid(user, appid)} | ({"unionId": unionid} if unionid else {})
            raw = encoded(shown)
            return {
                "rawData": raw,
                "signature": opendata.raw_signature(raw, self.session_key(user, appid)),
                **self.encrypt(user, {**ids, **shown}, appid),
            }

    def phone(self, user: str = "alice", appid: str | None = None) -> dict[str, str]:
        """Press the phone-number button, old style: return `{"encryptedData", "iv"}`."""
        return self.encrypt(user, self.phone_fields(user), appid)

    def phone_fields(self, user: str) -> dict[str, str]:
        """Return the user's number in WeChat's fields, without the watermark."""
        number = users.phone_number_of(users.check_name(user))
        return {"phoneNumber": number, "purePhoneNumber": number, "countryCode": "86"}

    def watermark(self, appid: str) -> dict[str, Any]:
        """Return the watermark for data created now."""
        return {"timestamp": int(self.now()), "appid": appid}

    # Below, the caller holds the lock.

    def _store_secret(self, appid: str, secret: str) -> None:
        if not _SECRET.fullmatch(secret):
            raise ValueError("an AppSecret must be 32 lower-case hex digits")
        self._secrets[appid] = secret

    def _app(self, appid: str | None) -> str:
        if appid is None:
            return next(iter(self._secrets))
        if appid not in self._secrets:
            raise ValueError("appid is not registered with the sandbox: add it with add_app")
        return appid

    def _pair(self, user: str, appid: str | None) -> Pair:
        pair = (self._app(appid), users.check_name(user))
        self._pairs[users.openid_of(*pair)] = pair
        return pair


def _profile_fields(user: str) -> dict[str, Any]:
    # WeChat returns these fields empty since 2021; the name identifies the user.
    blank = dict.fromkeys(("language", "city", "province", "country"), "")
    return {"nickName": f"微信用户 {user}", "gender": 0, **blank, "avatarUrl": _AVATAR}
