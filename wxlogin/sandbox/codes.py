"""Codes that the phone gives to the mini-program: for one app, valid once for five minutes."""

from __future__ import annotations

import secrets
import string
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

CODE_LIFE = 300
"""Seconds."""

Kind = Literal["login", "phone", "realtime-phone"]
"""Of wx.login, of the phone-number button, and of the one that WeChat verifies in real time."""
LOGIN_KINDS: tuple[Kind, ...] = ("login",)
PHONE_KINDS: tuple[Kind, ...] = ("phone", "realtime-phone")
"""Both lead to a number by getuserphonenumber."""
_ALPHABET = string.digits + string.ascii_letters


@dataclass
class Code:
    """The user and app of a code; a login code also holds the session_key at its issue."""

    kind: Kind
    appid: str
    user: str
    expires: float
    session_key: str = field(default="", repr=False)
    used: bool = False


class Codes:
    """Codes that have not expired, including used ones. The caller holds the world's lock."""

    def __init__(self) -> None:
        self._codes: dict[str, Code] = {}

    def issue_login(self, appid: str, user: str, session_key: str, now: float) -> str:
        """Return a wx.login code: 32 letters and digits, the first of them 0."""
        text = "0" + "".join(secrets.choice(_ALPHABET) for _ in range(31))
        return self._issue(text, Code("login", appid, user, now + CODE_LIFE, session_key), now)

    def issue_phone(self, appid: str, user: str, now: float, kind: Kind = "phone") -> str:
        """Return a phone-number code: 64 hex digits."""
        return self._issue(secrets.token_hex(32), Code(kind, appid, user, now + CODE_LIFE), now)

    def find(self, text: str, kinds: Collection[Kind], now: float) -> Code | None:
        """Return the code, used or not; None when it is unknown, expired or of another kind."""
        code = self._codes.get(text)
        return code if code and code.kind in kinds and now < code.expires else None

    def _issue(self, text: str, code: Code, now: float) -> str:
        self._drop_expired(now)
        self._codes[text] = code
        return text

    def _drop_expired(self, now: float) -> None:
        # All codes have the same lifetime, so the oldest come first and the loop ends early.
        while self._codes and self._codes[oldest := next(iter(self._codes))].expires <= now:
            del self._codes[oldest]
