"""A page of the mini-program that gets open data from WeChat and has it opened."""

from __future__ import annotations

from typing import Any

import requests

from tests.harness.phone import Phone

SHARED = {"openGId": "tGDKhM5UF0H8J6TGG_Wh2Z4DTSsnA"}
CHECKSESSION = "/wxa/checksession"


class Page(Phone):
    """One user's page: data comes to it, it hands data on, it renews the session_key."""

    def data(self) -> dict[str, str]:
        """A share, sealed under the key that WeChat holds for valid at this moment."""
        return self.site.sandbox.world.encrypt(self.user, SHARED)

    def rotate(self) -> None:
        """WeChat replaces the user's key."""
        self.site.sandbox.world.rotate_session_key(self.user)
        self.site.guard(self.user)

    def renew(self) -> requests.Response:
        """wx.login, and the key that its code leads to."""
        return self.ask("POST", "/v1/session/key", json={"code": self.code()})

    def outcome(self, data: dict[str, str]) -> str:
        """`""` where the share opens, else the code of the refusal."""
        answer = self.ask("POST", "/v1/decrypt", json=data)
        return "" if answer.json() == {"data": SHARED} else self.site.problem(answer)

    def check(self) -> dict[str, Any]:
        """What WeChat says of the kept key, through us."""
        answer = self.ask("POST", "/v1/session/check")
        assert answer.headers["Cache-Control"] == "no-store"
        return dict(answer.json())

    def key_state(self) -> dict[str, Any]:
        """What the session tells of the kept key."""
        return dict(self.ask("GET", "/v1/session").json()["session_key"])
