"""The session that a scan makes, under each device policy, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.watched import counted
from tests.harness.web_page import WebPage, said, signed_in


def devices(site: Site, *platforms: str) -> list[Phone]:
    """Alice's devices, logged in a second apart; the first is the oldest."""
    made = [Phone(site, platform=platform) for platform in platforms]
    for device in made:
        device.login()
        site.clock.forward(1)
    return made


def test_a_login_may_not_claim_the_web(site: Site, phone: Phone) -> None:
    answer = phone.try_login(platform="web")
    assert site.problem(answer) == "INVALID_REQUEST"


def test_a_new_web_session_ends_the_one_before(site: Site, phone: Phone) -> None:
    phone.login()
    first, second = signed_in(WebPage(site), phone), signed_in(WebPage(site), phone)
    assert second.login_answer["ended"] == 1
    assert (phone.refusal(), first.refusal(), second.refusal()) == ("", "SESSION_REPLACED", "")


def test_a_new_web_session_leaves_other_users_and_devices_alone(site: Site) -> None:
    phone, tablet = devices(site, "ios", "android")
    bob = Phone(site, "bob")
    bob.login()
    his = signed_in(WebPage(site), bob)
    signed_in(WebPage(site), phone)
    assert {one.refusal() for one in (phone, tablet, bob, his)} == {""}


@pytest.mark.parametrize("policy", ["all", "per-platform", "off"])
def test_under_no_policy_the_phone_that_said_yes_is_signed_out(
    make_site: Callable[..., Site], policy: str
) -> None:
    site = make_site(WXLOGIN_SINGLE_DEVICE_LOGIN=policy)
    (phone,) = devices(site, "ios")
    page = signed_in(WebPage(site), phone)
    assert (phone.refusal(), page.refusal()) == ("", "")
    page = signed_in(WebPage(site), phone)
    assert (phone.refusal(), page.refusal()) == ("", "")


@pytest.mark.settings(WXLOGIN_SINGLE_DEVICE_LOGIN="all")
def test_under_all_a_login_ends_the_web_session(site: Site) -> None:
    (phone,) = devices(site, "ios")
    page = signed_in(WebPage(site), phone)
    other = Phone(site)
    other.login()
    assert [one.refusal() for one in (phone, page)] == ["SESSION_REPLACED"] * 2


@pytest.mark.settings(WXLOGIN_MAX_DEVICES="2")
def test_over_the_limit_the_oldest_ends_but_never_the_phone_that_said_yes(site: Site) -> None:
    phone, tablet = devices(site, "ios", "android")
    page = signed_in(WebPage(site), phone)
    assert [one.refusal() for one in (phone, tablet, page)] == ["", "SESSION_REPLACED", ""]
    assert page.login_answer["ended"] == 1


@pytest.mark.settings(WXLOGIN_MAX_DEVICES="2", WXLOGIN_DEVICE_OVERFLOW="refuse")
def test_over_the_limit_a_scan_is_refused_and_may_be_fetched_once_there_is_room(
    site: Site,
) -> None:
    phone, tablet = devices(site, "ios", "android")
    page = WebPage(site)
    said(phone, page.begin(), "confirm")
    assert page.state() == "DEVICE_LIMIT"
    assert counted(site)["login.device_refused"] == 1
    assert [one.refusal() for one in (phone, tablet)] == ["", ""]
    tablet.logout()
    page.fetch()
    assert page.state() == "SCAN_EXPIRED"


@pytest.mark.settings(WXLOGIN_MAX_DEVICES="1")
def test_where_the_phone_is_all_that_is_allowed_no_browser_is_let_in(site: Site) -> None:
    (phone,) = devices(site, "ios")
    page = WebPage(site)
    said(phone, page.begin(), "confirm")
    assert page.state() == "DEVICE_LIMIT"
    assert phone.refusal() == ""


@pytest.mark.settings(WXLOGIN_MAX_DEVICES="2", WXLOGIN_DEVICE_OVERFLOW="refuse")
def test_the_web_session_before_makes_room(site: Site) -> None:
    (phone,) = devices(site, "ios")
    first, second = signed_in(WebPage(site), phone), signed_in(WebPage(site), phone)
    assert (first.refusal(), second.refusal(), phone.refusal()) == ("SESSION_REPLACED", "", "")


def test_the_phone_lists_the_browser_and_ends_it(site: Site, phone: Phone) -> None:
    phone.login()
    site.clock.forward(1)
    page = signed_in(WebPage(site), phone)
    web, _ = phone.ask("GET", "/v1/sessions").json()["sessions"]
    assert (web["platform"], web["id"], web["current"]) == ("web", page.session_id, False)
    assert phone.ask("DELETE", f"/v1/sessions/{web['id']}").json() == {"ended": 1}
    assert page.refusal() == "SESSION_REVOKED"


def test_a_browser_lets_no_other_browser_in(site: Site, phone: Phone) -> None:
    phone.login()
    web = signed_in(WebPage(site), phone)
    scan = site.request("POST", "/v1/scan", json={}).json()["scan"]
    for method, path in (("GET", ""), ("POST", "/confirm"), ("POST", "/refuse")):
        headers = {"Authorization": f"Bearer {web.token}"}
        answer = site.request(method, f"/v1/scan/{scan}{path}", headers=headers)
        assert site.problem(answer) == "FORBIDDEN"
