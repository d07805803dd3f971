"""Bans at the console: until a date or for a span, by whom and why, of one person's users."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.admin.forms import back_at, seen, sent, value
from tests.admin.people import OTHER, signed_in, two_apps
from tests.harness.clock import SettableClock
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import Site

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def user(phone: Phone) -> str:
    """Alice's id; she is signed in on one device."""
    return str(phone.login(platform="ios", device_name="Alice's iPhone")["user"]["id"])


def test_a_ban_until_a_date_ends_by_itself_at_the_operators_time(
    owner: Operator, phone: Phone, user: str, clock: SettableClock
) -> None:
    until = (datetime.fromtimestamp(clock(), UTC) + timedelta(days=3)).replace(second=0)
    typed = until.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
    sent(owner, f"/users/{user}/ban", reason="spam", until=typed, lasts="3600")
    assert phone.try_login().json()["until"] == until.strftime("%Y-%m-%dT%H:%M:%SZ")
    clock.forward(3 * 86_400)
    phone.login()


def test_the_users_page_says_who_banned_until_when_and_why(owner: Operator, user: str) -> None:
    sent(owner, f"/users/{user}/ban", reason="sells accounts", lasts="86400")
    page = seen(owner, f"/admin/users/{user}")
    assert "Banned until" in page
    assert "sells accounts" in page
    assert f"by {owner.name}" in page
    told = owner.done("GET", f"/users/{user}")
    assert told["banned_by"] == f"admin:{owner.name}"
    assert told["banned_at"]


def test_a_lifted_ban_is_nobodys(owner: Operator, user: str) -> None:
    sent(owner, f"/users/{user}/ban", reason="x")
    sent(owner, f"/users/{user}/unban")
    assert owner.done("GET", f"/users/{user}")["banned_by"] is None


def test_the_same_persons_users_are_banned_and_let_in_together(site: Site, owner: Operator) -> None:
    two_apps(site)
    here, there = signed_in(site), signed_in(site, appid=OTHER)
    stranger = signed_in(site, "bob", OTHER)
    assert "Also the 1 linked user" in seen(owner, f"/admin/users/{here.user_id}/ban")
    sent(owner, f"/users/{here.user_id}/ban", reason="spam", linked="true")
    assert [one.refusal() for one in (here, there, stranger)] == ["USER_BANNED"] * 2 + [""]
    for one in (here, there):
        assert owner.trail(f"user:{one.user_id}")[-1]["reason"] == "spam"
    sent(owner, f"/users/{there.user_id}/unban", linked="true")
    assert [one.refusal() for one in (here, there)] == ["SESSION_REVOKED"] * 2


def test_without_the_tick_the_linked_users_go_on(site: Site, owner: Operator) -> None:
    two_apps(site)
    here, there = signed_in(site), signed_in(site, appid=OTHER)
    body = {"reason": "spam", "linked": False}
    owner.done("POST", f"/users/{here.user_id}/ban", json=body)
    assert [here.refusal(), there.refusal()] == ["USER_BANNED", ""]
    body["linked"] = True
    assert owner.done("POST", f"/users/{here.user_id}/ban", json=body) == {"ended": 1}
    assert there.refusal() == "USER_BANNED"


def test_the_question_names_the_person_and_the_devices(owner: Operator, user: str) -> None:
    for act in ("ban", "kick", "erase"):
        page = seen(owner, f"/admin/users/{user}/{act}").replace("&#39;", "'")
        assert "1 session: Alice's iPhone (iOS)" in page
        assert "No nickname" in page
    (session,) = owner.done("GET", f"/users/{user}/sessions")["items"]
    page = seen(owner, f"/admin/sessions/{session['id']}/end").replace("&#39;", "'")
    assert "Alice's iPhone (iOS)" in page


def test_a_refused_form_has_what_was_typed_and_nobody_elses_page_has(
    site: Site, owner: Operator, user: str
) -> None:
    typed = {"reason": "no time machine", "until": "2020-01-01T10:00", "lasts": "86400"}
    answer = sent(owner, f"/users/{user}/ban", **typed)
    page = back_at(owner, answer)
    assert "Until: should be in the future" in page
    assert value(page, "reason") == "no time machine"
    assert value(page, "until") == "2020-01-01T10:00"
    assert '<option value="86400" selected>' in page
    assert "no time machine" not in str(answer.headers)
    cookies = {"wxlogin_admin": owner.cookie, **answer.cookies}
    other = site.request("GET", f"/admin/users/{user}/reveal", cookies=cookies)
    assert "no time machine" not in other.text


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}], ids=str
)
def test_another_site_s_page_fills_in_no_form(
    site: Site, owner: Operator, user: str, headers: dict[str, str]
) -> None:
    for cookie in ("", f"wxlogin_admin={owner.cookie}"):
        for form in ({}, {"csrf_token": owner.csrf_token}):
            answer = site.request(
                "POST",
                f"/admin/users/{user}/ban",
                data={"reason": "typed elsewhere", **form},
                headers={"Cookie": cookie, **headers},
                allow_redirects=False,
            )
            assert answer.status_code == 303
            assert "wxlogin_typed" not in answer.cookies
    assert "wxlogin_typed" in sent(owner, f"/users/{user}/ban", reason="x" * 501).cookies


def test_a_refused_form_keeps_no_secret(site: Site, owner: Operator) -> None:
    form = {"appid": "wx0", "name": "Shop", "secret": "0123456789abcdef0123456789abcdef"}
    page = back_at(owner, sent(owner, "/apps/new", **form))
    assert [value(page, name) for name in ("appid", "name", "secret")] == ["wx0", "Shop", ""]
    code = "wxi_" + "A" * 43
    form = {"invitation": code, "password": "otto"}
    url = "/admin/invitation"
    answer = site.request("POST", url, data=form, allow_redirects=False)
    assert answer.headers["Location"] == url
    assert "wxlogin_typed" not in answer.cookies
