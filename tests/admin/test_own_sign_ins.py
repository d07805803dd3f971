"""An admin sees where their account was signed in to, and what they should know of it."""

from __future__ import annotations

from typing import Any

from tests.harness.console import Operator
from tests.harness.site import Site
from wxlogin.clock import iso_unix

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"
SHENZHEN = "119.123.1.1"


def sign_in(operator: Operator, agent: str = FIREFOX, address: str = "") -> None:
    """Sign in with a browser, from an address."""
    body = {"username": operator.name, "password": operator.password}
    headers = {"User-Agent": agent}
    if address:
        headers["X-Forwarded-For"] = address
    answer = operator.site.request("POST", "/admin/api/login", json=body, headers=headers)
    assert answer.ok, answer.text
    operator.cookie = answer.cookies["wxlogin_admin"]
    operator.csrf_token = answer.json()["csrf_token"]
    operator.site.tokens |= {operator.cookie, operator.csrf_token}


def notices(operator: Operator, kind: str) -> list[dict[str, Any]]:
    """The admin's notices of a kind."""
    found: list[dict[str, Any]] = operator.done("GET", "/me/notices")["items"]
    return [one for one in found if one["kind"] == kind]


def test_live_sessions_and_past_sign_ins_name_the_browser(site: Site) -> None:
    vera = Operator(site, "viewer", "vera")
    sign_in(vera, "curl/8.0")
    site.clock.forward(60)
    sign_in(vera)
    (newest, _older) = vera.done("GET", "/me/sessions")["items"]
    assert (newest["browser"], newest["system"], newest["current"]) == (
        "Firefox 130",
        "Windows",
        True,
    )
    vera.done("POST", "/logout")
    sign_in(vera)
    past = vera.done("GET", "/me/sign-ins")["items"]
    assert [one["browser"] for one in past] == ["Firefox 130", "Firefox 130", ""]


def test_sign_ins_page_and_are_ones_own(site: Site, owner: Operator) -> None:
    vera = Operator(site, "viewer", "vera")
    for _ in range(3):
        sign_in(vera)
    first = vera.done("GET", "/me/sign-ins?limit=2")
    second = vera.done("GET", f"/me/sign-ins?limit=2&cursor={first['next']}")
    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)


def test_a_sign_in_tells_its_place(make_site: Any) -> None:
    site = make_site(WXLOGIN_TRUSTED_HOPS="1")
    vera = Operator(site, "viewer", "vera")
    sign_in(vera, address=SHENZHEN)
    (one,) = vera.done("GET", "/me/sign-ins")["items"]
    (live,) = vera.done("GET", "/me/sessions")["items"]
    assert one["address"] == live["address"] == SHENZHEN
    assert "广东" in one["region"]
    assert live["region"] == one["region"]
    assert notices(vera, "new_address") == []


def test_a_new_address_is_a_notice(make_site: Any) -> None:
    site = make_site(WXLOGIN_TRUSTED_HOPS="1")
    vera = Operator(site, "viewer", "vera")
    sign_in(vera, address=SHENZHEN)
    sign_in(vera, address="203.0.113.7")
    (one,) = notices(vera, "new_address")
    assert one["address"] == "203.0.113.7"
    assert [item["new_address"] for item in vera.done("GET", "/me/sign-ins")["items"]] == [
        True,
        False,
    ]


def test_what_others_did_to_the_account_is_a_notice(site: Site, owner: Operator) -> None:
    vera = Operator(site, "viewer", "vera")
    owner.done("PATCH", f"/admins/{vera.id}", json={"role": "auditor"})
    sign_in(vera)
    (one,) = notices(vera, "changed")
    assert (one["act"], one["by"]) == ("admin.change", f"admin:{owner.name}")
    site.clock.forward(31 * 86_400)
    sign_in(vera)
    assert notices(vera, "changed") == []


def test_no_second_factor_and_few_recovery_codes_are_notices(site: Site, owner: Operator) -> None:
    assert len(notices(owner, "no_second_factor")) == 1
    codes = owner.enrol()
    assert notices(owner, "no_second_factor") == notices(owner, "few_recovery_codes") == []
    for code in codes[:7]:
        owner.sign_in(otp=code)
    (one,) = notices(owner, "few_recovery_codes")
    assert one["count"] == 3


def test_a_token_that_ends_soon_is_a_notice_for_its_keeper(site: Site, owner: Operator) -> None:
    ends = iso_unix(site.clock() + 10 * 86_400)
    body = {"name": "payments", "scopes": ["identity"], "expires_at": ends}
    made = owner.ask("POST", "/tokens", json=body)
    assert made.ok, made.text
    site.tokens.add(made.json()["token"])
    (one,) = notices(owner, "token_ends")
    assert one["name"] == "payments"
    other = Operator(site, "owner", "olga").sign_in()
    assert notices(other, "token_ends") == []
