"""A mini-program on a phone, in the words of the domain, and its page that gets open data."""

from __future__ import annotations

from typing import Any

import requests

from tests.harness.site import Site


class Phone:
    """One user's mini-program on one device: it logs in, keeps the token, asks and signs out."""

    def __init__(self, site: Site, user: str = "alice", **device: str) -> None:
        self.site = site
        self.user = user
        self.device = device
        self.token = ""
        self.headers: dict[str, str] = {}
        """What its requests carry besides: the proxies on their way put it there."""
        self.login_answer: dict[str, Any] = {}

    def code(self) -> str:
        """What wx.login gives."""
        code = self.site.sandbox.world.login_code(self.user)
        self.site.guard(self.user)
        self.site.tokens.add(code)
        return code

    def try_login(self, *, carry: bool = False, **fields: Any) -> requests.Response:
        """Send a login; `carry` sends the token at hand along."""
        body = {"code": fields.pop("code", None) or self.code(), **self.device, **fields}
        token = {"Authorization": f"Bearer {self.token}"} if carry else {}
        headers = {**self.headers, **token}
        return self.site.request("POST", "/v1/login", json=body, headers=headers)

    def login(self, *, carry: bool = False, **fields: Any) -> dict[str, Any]:
        """Log in, keep the token, give back the answer."""
        answer = self.try_login(carry=carry, **fields)
        assert answer.status_code == 200, answer.text
        self.login_answer = answer.json()
        self.token = self.login_answer["token"]
        self.site.tokens.add(self.token)
        return self.login_answer

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """Call with the token."""
        token = {"Authorization": f"Bearer {self.token}"}
        headers = {**self.headers, **token, **options.pop("headers", {})}
        return self.site.request(method, path, headers=headers, **options)

    def refusal(self, path: str = "/v1/session") -> str:
        """The code with which the token is refused, or `""` if it is not."""
        answer = self.ask("GET", path)
        return "" if answer.ok else self.site.problem(answer)

    def logout(self, scope: str | None = None) -> int:
        """Sign out; how many sessions ended."""
        answer = self.ask("POST", "/v1/logout", json={"scope": scope} if scope else None)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["ended"])

    @property
    def session_id(self) -> str:
        """The handle of the session of the last login."""
        return str(self.login_answer["session"]["id"])

    @property
    def user_id(self) -> str:
        """The user's public id."""
        return str(self.login_answer["user"]["id"])


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
