"""A person outside tries for a simulated day to keep an owner out, from many addresses."""

from __future__ import annotations

from itertools import count

import pytest

from tests.harness.clock import SettableClock
from tests.harness.console import PASSWORD, Operator
from tests.harness.site import Site

BEHIND_A_PROXY = {"WXLOGIN_TRUSTED_HOPS": "1", "WXLOGIN_REQUIRE_HTTPS": "off"}
HOME = {"X-Forwarded-For": "192.0.2.7"}
STEP = 7_200
"""The attacker does the same every minute; the owner meets a minute of every second hour."""


class Outsider:
    """Somebody who knows the owner's name, and has as many addresses as they like."""

    def __init__(self, site: Site) -> None:
        self.client = site.app.test_client()
        self.numbers = count()

    def fill_a_minute(self, name: str) -> None:
        """Use up the name's wide limit, and what can be used up at the owner's own address."""
        for _ in range(11):
            self.sign_in(name, self.address())
        for path in ("/nowhere", "/v1/session"):
            for _ in range(5):
                forged = {"Authorization": "Bearer wxs_" + "A" * 108}
                self.client.get(path, headers={**HOME, **forged})
        for _ in range(5):
            wrong = {f"f{n}": n for n in range(200)}
            self.client.post("/admin/api/login", json=wrong, headers=HOME)

    def sign_in(self, name: str, address: str) -> str:
        """Try a password; the code of the refusal."""
        answer = self.client.post(
            "/admin/api/login",
            json={"username": name, "password": "wrong-password", "otp": "000000"},
            headers={"X-Forwarded-For": address},
        )
        return str(answer.headers["X-Wxlogin-Error"])

    def address(self) -> str:
        """Return an address that was never used before."""
        number = next(self.numbers)
        return f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::1"


@pytest.mark.settings(
    WXLOGIN_ADMIN_IDLE_TTL="86400",
    WXLOGIN_ADMIN_MAX_AGE="604800",
    WXLOGIN_LIMIT_FAIL_IP="3/minute",
    WXLOGIN_LIMIT_ADMIN_NAME_WIDE="10/minute",
    **BEHIND_A_PROXY,
)
def test_an_outsider_with_many_addresses_does_not_keep_an_owner_out_for_a_day(
    site: Site, owner: Operator, clock: SettableClock
) -> None:
    owner.enrol()
    clock.forward(60 - clock() % 60)
    credentials = {"username": owner.name, "password": PASSWORD}
    fresh = {**credentials, "otp": owner.otp()}
    assert owner.site.request("POST", "/admin/api/login", json=fresh, headers=HOME).ok
    outsider = Outsider(site)
    for _ in range(86_400 // STEP):
        clock.forward(STEP)
        outsider.fill_a_minute(owner.name)
        assert outsider.sign_in(owner.name, outsider.address()) == "RATE_LIMITED"
        # Signed in already: calls, and gives the password again.
        assert owner.ask("GET", "/overview", headers=HOME).ok
        again = {"password": PASSWORD, "otp": owner.otp()}
        assert owner.ask("POST", "/me/reauth", json=again, headers=HOME).ok
        # And signs in anew, from the address of their own.
        fresh = {**credentials, "otp": owner.otp(1)}
        answer = site.request("POST", "/admin/api/login", json=fresh, headers=HOME)
        assert answer.ok, answer.text
        cookie, token = answer.cookies["wxlogin_admin"], answer.json()["csrf_token"]
        site.tokens |= {cookie, token}
        session = {"Cookie": f"wxlogin_admin={cookie}", "X-CSRF-Token": token}
        assert site.request("POST", "/admin/api/logout", headers={**HOME, **session}).ok
