"""A page on the web that signs its visitor in by a scan, and what a phone says to it."""

from __future__ import annotations

from typing import Any

import requests

from tests.harness.phone import Phone
from tests.harness.site import Site

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)


class WebPage(Phone):
    """A visitor's page: begins a scan, asks for the token, goes on with the session."""

    def __init__(self, site: Site, **headers: str) -> None:
        super().__init__(site)
        self.headers = {"User-Agent": CHROME, **headers}
        self.begun: dict[str, Any] = {}

    def try_begin(self, **body: Any) -> requests.Response:
        """Send the call that begins a scan."""
        return self.site.request("POST", "/v1/scan", json=body, headers=self.headers)

    def begin(self, **body: Any) -> str:
        """Begin a scan; its id."""
        answer = self.try_begin(**body)
        assert answer.status_code == 200, answer.text
        self.begun = answer.json()
        self.site.tokens.add(self.begun["secret"])
        return self.scan

    def try_fetch(self, secret: str | None = None, scan: str | None = None) -> requests.Response:
        """Ask for the token once."""
        body = {"secret": self.begun["secret"] if secret is None else secret}
        path = f"/v1/scan/{scan or self.scan}/token"
        answer = self.site.request("POST", path, json=body, headers=self.headers)
        if answer.status_code == 200:
            self.site.tokens.add(answer.json()["token"])
        return answer

    def state(self) -> str:
        """What a page that waits is told, or the code with which it is refused."""
        answer = self.try_fetch()
        assert answer.status_code != 200, "the session is there"
        if answer.status_code != 202:
            return self.site.problem(answer)
        assert set(answer.json()) == {"state"}
        return str(answer.json()["state"])

    def fetch(self) -> dict[str, Any]:
        """Take the session that the phone has let in."""
        answer = self.try_fetch()
        assert answer.status_code == 200, answer.text
        self.login_answer = answer.json()
        self.token = self.login_answer["token"]
        return self.login_answer

    def picture(self) -> requests.Response:
        """Load the picture."""
        return self.site.request("GET", self.begun["image"], headers=self.headers)

    @property
    def scan(self) -> str:
        """The id of the scan at hand."""
        return str(self.begun["scan"])


def said(phone: Phone, scan: str, word: str = "") -> str:
    """What a phone is told of a scan, or of its `/confirm` or `/refuse`: a state or a code."""
    method = "POST" if word else "GET"
    answer = phone.ask(method, f"/v1/scan/{scan}{word and f'/{word}'}")
    return str(answer.json()["state"]) if answer.ok else phone.site.problem(answer)


def signed_in(page: WebPage, phone: Phone) -> WebPage:
    """Let a page in by a phone."""
    scan = page.begin()
    assert (said(phone, scan), said(phone, scan, "confirm")) == ("seen", "confirmed")
    page.fetch()
    return page
