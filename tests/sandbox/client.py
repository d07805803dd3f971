"""What the tests hold the sandbox with: a clock that they set and an HTTP client."""

import hashlib
import hmac
import re
from typing import Any

import requests

from wxlogin.sandbox import SandboxServer

APPID = "wx0123456789abcdef"
SECRET = "0123456789abcdef0123456789abcdef"
OTHER_APPID = "wxfedcba9876543210"
OTHER_SECRET = "fedcba9876543210fedcba9876543210"


class Clock:
    """Unix seconds that stand still until a test moves them."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Client:
    """Calls the sandbox as a mini-program's server does, over real HTTP."""

    def __init__(self, server: SandboxServer, http: requests.Session) -> None:
        self.server = server
        self.http = http

    def get(self, path: str, **query: str) -> requests.Response:
        return self.http.get(self.server.base + path, params=query, timeout=10)

    def post(self, path: str, **sent: Any) -> requests.Response:
        return self.http.post(self.server.base + path, timeout=10, **sent)

    def exchange(self, code: str, **changed: str) -> dict[str, Any]:
        query = {
            "appid": APPID,
            "secret": SECRET,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        return self.get("/sns/jscode2session", **(query | changed)).json()

    def stable_token(self, **changed: Any) -> dict[str, Any]:
        body = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET}
        return self.post("/cgi-bin/stable_token", json=body | changed).json()

    def plain_token(self, **changed: str) -> dict[str, Any]:
        query = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET}
        return self.get("/cgi-bin/token", **(query | changed)).json()

    def token(self) -> str:
        return self.stable_token()["access_token"]

    def signed(self, path: str, session_key: str, openid: str, /, **changed: str) -> dict[str, Any]:
        signature = hmac.new(session_key.encode(), b"", hashlib.sha256).hexdigest()
        query = {"openid": openid, "signature": signature, "sig_method": "hmac_sha256"}
        if "access_token" not in changed:
            query["access_token"] = self.token()
        return self.get(path, **(query | changed)).json()

    def phone_number(self, token: str, **sent: Any) -> dict[str, Any]:
        path = "/wxa/business/getuserphonenumber"
        return self.post(path, params={"access_token": token}, **sent).json()


def assert_refused(answer: dict[str, Any], errcode: int, errmsg: str, tail: str) -> None:
    """The answer is that errcode, that text and a tail that matches, and nothing else."""
    assert answer["errcode"] == errcode
    assert re.fullmatch(re.escape(errmsg) + tail, answer["errmsg"]), answer["errmsg"]
    assert set(answer) == {"errcode", "errmsg"}


RID = r"rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}"
SNS_TAIL = ", " + RID
CGI_TAIL = " " + RID
WXA_TAIL = r" hint: \[[A-Za-z0-9]{9}-[A-Za-z0-9]{6}\] " + RID
