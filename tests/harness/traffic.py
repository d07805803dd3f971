"""Users who sign in, call and sign out while something breaks, and what each of them was told."""

from __future__ import annotations

from itertools import count

import requests

from tests.harness.crowd import Crowd
from tests.harness.phone import Phone
from tests.harness.site import Site

USERS = 6
PACE = 0.1  # seconds between two requests of a user
CALLS = 3
WIDE = {f"WXLOGIN_LIMIT_{name}": "100000/minute" for name in ("LOGIN_IP", "API_IP", "API_OPENID")}
"""Settings under which no limit is met."""


class Traffic(Crowd):
    """Six users at once until the block ends; every answer is kept or counted.

    A login that was refused may have happened, and so may a logout: their tokens are forgotten.
    """

    def __init__(self, site: Site) -> None:
        super().__init__(USERS)
        self.live: list[Phone] = []
        self.ended: list[Phone] = []
        self.wrong: list[str] = []
        self.refused = 0
        self._site = site

    def wait(self, *, live: int = 0, refused: int = 0, seconds: float = 20) -> None:
        """Wait until that many more logins were acknowledged, and requests refused."""
        with self._changed:
            logins, refusals = len(self.live) + live, self.refused + refused
            assert self._changed.wait_for(
                lambda: len(self.live) >= logins and self.refused >= refusals, timeout=seconds
            ), f"not within {seconds} s; wrong: {self.wrong}"

    def lost(self) -> list[str]:
        """Acknowledged logins that are not live, and acknowledged logouts that are."""
        live = [phone.refusal() for phone in self.live]
        ended = [phone.refusal() for phone in self.ended]
        return [told for told in live if told] + [t for t in ended if t != "SESSION_REVOKED"]

    def _go_on(self, number: int) -> None:
        for turn in count():
            phone = Phone(self._site, f"user-{number}-{turn}")
            if self._stop.is_set():
                return
            self._go_through(phone, stays=turn % 2 == 0)

    def _go_through(self, phone: Phone, *, stays: bool) -> None:
        answer = phone.try_login()
        if not self._granted(answer):
            return
        phone.token = answer.json()["token"]
        self._site.tokens.add(phone.token)
        for _ in range(CALLS):
            self._granted(phone.ask("GET", "/v1/session"))
        if stays:
            self._keep(self.live, phone)
        elif self._granted(phone.ask("POST", "/v1/logout")):
            self._keep(self.ended, phone)

    def _granted(self, answer: requests.Response) -> bool:
        self._stop.wait(PACE)
        if answer.ok:
            return True
        with self._changed:
            self.refused += 1
            if self._site.problem(answer) != "STORE_UNAVAILABLE":
                self.wrong.append(f"{answer.request.path_url}: {answer.text}")
            self._changed.notify_all()
        return False

    def _keep(self, phones: list[Phone], phone: Phone) -> None:
        with self._changed:
            phones.append(phone)
            self._changed.notify_all()
