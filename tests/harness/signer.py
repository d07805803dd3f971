"""A client that signs requests by the contract's words and sends them byte for byte."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import io
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

import requests

from tests.harness.phone import Phone

JSON = {"Content-Type": "application/json"}


class Signer:
    """The signing part of a phone's mini-program; `base` is where it sends its requests."""

    def __init__(self, phone: Phone, base: str = "") -> None:
        self.phone = phone
        self.base = base or phone.site.base

    def sign(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        skew: int = 0,
        nonce: str = "",
        hashed: str = "",
    ) -> dict[str, str]:
        """The three headers; `skew` is by how many seconds the phone's clock is ahead."""
        key = base64.b64decode(self.phone.login_answer["signing"]["key"])
        timestamp = str(int(self.phone.site.clock()) + skew)
        nonce = nonce or secrets.token_urlsafe(12)
        parts = (method, target, timestamp, nonce, hashed or hashlib.sha256(body).hexdigest())
        mac = hmac.new(key, "\n".join(parts).encode(), hashlib.sha256).hexdigest()
        return {
            "X-Wxlogin-Timestamp": timestamp,
            "X-Wxlogin-Nonce": nonce,
            "X-Wxlogin-Signature": mac,
        }

    def call(
        self, method: str, target: str, body: bytes = b"", *, skew: int = 0, nonce: str = ""
    ) -> requests.Response:
        """Sign a request and send it."""
        headers = self.sign(method, target, body, skew=skew, nonce=nonce)
        return self.send(method, target, body, headers)

    def send(
        self, method: str, target: str, body: bytes, headers: Mapping[str, str]
    ) -> requests.Response:
        """Send exactly this, with the token. Ordinary clients tidy a target up first."""
        everything = {"Authorization": f"Bearer {self.phone.token}", **(JSON if body else {})}
        connection = http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=30)
        try:
            connection.request(method, target, body or None, {**everything, **headers})
            return self._answer(connection.getresponse())
        finally:
            connection.close()

    def _answer(self, came: http.client.HTTPResponse) -> requests.Response:
        content = came.read()
        answer = requests.Response()
        answer.status_code, answer.raw = came.status, io.BytesIO(content)
        answer.headers.update(came.getheaders())
        self.phone.site.answers.append(repr(answer.headers).encode() + content)
        return answer
