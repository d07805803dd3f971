"""Requests that are made before they are timed: each is sent as it stands, by wrk or in process.

What a call uses up, such as a code of wx.login, is there for each request.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from flask import Flask

from bench.contestants import ADDRESS, PROXY
from wxlogin.operators.api_tokens import Bounds
from wxlogin.sandbox.world import World
from wxlogin.scan_store import Browser
from wxlogin.services import Services

PEOPLE = 64
RETURNING = 200
"""How many users take turns to sign in: so that two sign-ins of one never meet."""
ASKS_A_SCAN = 20
BROWSER = Browser("Chrome 142", "Windows", ADDRESS, "")


class Request(NamedTuple):
    """A call with everything that belongs to it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str

    def raw(self) -> bytes:
        """Return it as HTTP/1.1."""
        length = {"Content-Length": str(len(self.body))} if self.method == "POST" else {}
        fields = {"Host": "127.0.0.1", **self.headers, **length}
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{n}: {v}" for n, v in fields.items())]
        return "\r\n".join([*lines, "", self.body]).encode("ascii")


class Prepare(Protocol):
    """Prepares so many requests, or fewer that may be sent again and again."""

    def __call__(self, number: int, /) -> Sequence[Request]: ...


class Callers:
    """Users of a mini-program, their browsers, and a service with an API token."""

    def __init__(self, app: Flask, world: World) -> None:
        """Sign people in with this app, which works on the same stores as the server."""
        self._client = app.test_client()
        self._world = world
        self._appid = world.appid(None)
        self._services: Services = app.extensions["wxlogin"]
        with app.app_context():
            tokens = self._services.operators.tokens
            self._service, _row = tokens.create("bench", ("introspect",), "bench", Bounds(None))
        for number in range(RETURNING):
            self._sign_in(f"back-{number}")
        self._people = [self._sign_in(f"user-{number}") for number in range(PEOPLE)]

    def logins(self, number: int) -> list[Request]:
        """Users who have signed in before."""
        return [self._login(f"back-{turn % RETURNING}") for turn in range(number)]

    def first_logins(self, number: int) -> list[Request]:
        """Users who were never here."""
        return [self._login(f"new-{secrets.token_hex(8)}") for _ in range(number)]

    def decryptions(self, _number: int) -> list[Request]:
        """A phone number as the button of the page gives it, sealed for each user anew."""
        return [
            _post("/v1/decrypt", self._world.phone(f"user-{number}"), token)
            for number, token in enumerate(self._people)
        ]

    def introspections(self, _number: int) -> list[Request]:
        """A service asks whose token it got."""
        form = {**PROXY, **_bearer(self._service)}
        form["Content-Type"] = "application/x-www-form-urlencoded"
        return [Request("POST", "/v1/introspect", form, f"token={token}") for token in self._people]

    def scans(self, _number: int) -> list[Request]:
        """A browser begins a scan."""
        return [_post("/v1/scan", {})]

    def questions(self, number: int) -> list[Request]:
        """Pages ask for the token of scans that nobody has confirmed."""
        begun = [self._begin() for _ in range(number // ASKS_A_SCAN + 1)]
        return [_post(f"/v1/scan/{scan}/token", {"secret": secret}) for scan, secret in begun]

    def confirmations(self, number: int) -> list[Request]:
        """Phones confirm a scan each."""
        return [
            _post(f"/v1/scan/{self._begin()[0]}/confirm", {}, self._people[turn % PEOPLE])
            for turn in range(number)
        ]

    def fetches(self, number: int) -> list[Request]:
        """Pages fetch the token of scans that were confirmed."""
        return [self._fetch(self._people[turn % PEOPLE]) for turn in range(number)]

    def _fetch(self, token: str) -> Request:
        ref = self._services.sessions.tokens.verify(token)
        scan, secret = self._begin()
        self._services.scans.store.confirm(scan, self._appid, ref.owner, ref.sid)
        return _post(f"/v1/scan/{scan}/token", {"secret": secret})

    def _begin(self) -> tuple[str, str]:
        scan, secret = self._services.scans.store.begin(self._appid, BROWSER)
        return scan.id, secret

    def _login(self, user: str) -> Request:
        return _post("/v1/login", {"code": self._world.login_code(user)})

    def _sign_in(self, user: str) -> str:
        return str(json.loads(self.answer(self._login(user)))["token"])

    def answer(self, request: Request) -> str:
        """Return what this process answers, which must be no refusal."""
        answer = self._client.open(
            request.path, method=request.method, headers=request.headers, data=request.body
        )
        assert answer.status_code < 300, f"{request.path}: {answer.status_code} {answer.text}"
        return answer.text


def _post(path: str, body: Mapping[str, str], token: str = "") -> Request:
    headers = {**PROXY, "Content-Type": "application/json", **(_bearer(token) if token else {})}
    return Request("POST", path, headers, json.dumps(body))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
