"""What an attacker tries with a scan, and what comes of it."""

from __future__ import annotations

import pytest

from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.traveller import BEIJING, SHENZHEN
from tests.harness.watched import alerts, events
from tests.harness.web_page import WebPage, said, signed_in
from wxlogin.accounts import Ban

ORIGIN = "https://www.example.com"


def phones(site: Site, *users: str) -> list[Phone]:
    """The phones of these users, signed in."""
    made = [Phone(site, user) for user in users]
    for phone in made:
        phone.login()
    return made


def test_a_secret_that_is_replayed_gives_no_second_session(site: Site, phone: Phone) -> None:
    phone.login()
    page = signed_in(WebPage(site), phone)
    assert site.problem(page.try_fetch()) == "SCAN_EXPIRED"
    assert len(page.ask("GET", "/v1/sessions").json()["sessions"]) == 2
    assert page.refusal() == ""


def test_of_many_who_fetch_at_once_one_gets_the_session(site: Site, phone: Phone) -> None:
    phone.login()
    page = WebPage(site)
    said(phone, page.begin(), "confirm")
    answers = together([page.try_fetch] * 8)
    assert sorted(answer.status_code for answer in answers) == [200, *[410] * 7]
    sessions = phone.ask("GET", "/v1/sessions").json()["sessions"]
    assert sorted(one["platform"] for one in sessions) == ["other", "web"]


def test_whoever_knows_the_picture_alone_gets_no_session(site: Site, phone: Phone) -> None:
    phone.login()
    page = WebPage(site)
    scan = page.begin()
    said(phone, scan, "confirm")
    guesses = ["", scan, f"wxq_{scan}", page.begun["secret"][:-1], "wxq_" + "A" * 43]
    for guess in guesses:
        assert page.try_fetch(guess).status_code in (400, 404)
    assert page.begun["secret"].encode() not in page.picture().content
    page.fetch()


@pytest.mark.parametrize("repetition", range(5))
def test_of_two_phones_that_confirm_at_once_one_signs_the_browser_in(
    site: Site, repetition: int
) -> None:
    del repetition
    alice, bob = phones(site, "alice", "bob")
    page = WebPage(site)
    scan = page.begin()
    assert (said(alice, scan), said(bob, scan)) == ("seen", "seen")
    words = together([lambda: said(alice, scan, "confirm"), lambda: said(bob, scan, "confirm")])
    assert sorted(words) == ["SCAN_EXPIRED", "confirmed"]
    first, second = (alice, bob) if words[0] == "confirmed" else (bob, alice)
    assert [said(second, scan, word) for word in ("", "confirm", "refuse")] == ["SCAN_EXPIRED"] * 3
    assert page.fetch()["user"]["id"] == first.user_id


@pytest.mark.parametrize("repetition", range(5))
def test_of_two_phones_with_different_words_one_is_heard(site: Site, repetition: int) -> None:
    del repetition
    alice, bob = phones(site, "alice", "bob")
    page = WebPage(site)
    scan = page.begin()
    words = together([lambda: said(alice, scan, "confirm"), lambda: said(bob, scan, "refuse")])
    assert words in (["confirmed", "SCAN_EXPIRED"], ["SCAN_REFUSED", "refused"])
    if words[0] == "confirmed":
        assert page.fetch()["user"]["id"] == alice.user_id
    else:
        assert page.state() == "SCAN_REFUSED"


def test_a_confirmation_that_comes_too_late_lets_nobody_in(site: Site, phone: Phone) -> None:
    phone.login()
    page = WebPage(site)
    scan = page.begin()
    assert said(phone, scan) == "seen"
    site.clock.forward(180)
    assert said(phone, scan, "confirm") == "SCAN_EXPIRED"
    assert page.state() == "SCAN_EXPIRED"


@pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1", WXLOGIN_RULE_SCANS_ELSEWHERE="2/hour")
def test_a_picture_that_was_passed_on_shows_the_attacker_and_raises_an_alert(site: Site) -> None:
    attacker = WebPage(site, **{"X-Forwarded-For": SHENZHEN})
    for victim in phones(site, "alice", "bob", "carol"):
        victim.headers["X-Forwarded-For"] = BEIJING
        scan = attacker.begin()
        shown = victim.ask("GET", f"/v1/scan/{scan}").json()
        assert (shown["same_region"], shown["ip"]) == (False, SHENZHEN)
        assert (shown["browser"], shown["system"]) == ("Chrome 142", "Windows")
        assert "广东" in shown["region"]
        assert alerts(site) == []
        said(victim, scan, "confirm")
    (alert,) = alerts(site)
    assert (alert.rule, alert.subject) == ("scans_elsewhere", SHENZHEN)
    found = events(site, "scan.confirmed_elsewhere")
    assert len({event.subject for event in found}) == 3
    assert {event.address for event in found} == {SHENZHEN}


def test_a_phone_that_signed_out_after_its_word_lets_nobody_in(site: Site, phone: Phone) -> None:
    phone.login()
    page = WebPage(site)
    said(phone, page.begin(), "confirm")
    phone.logout()
    assert page.state() == "SCAN_EXPIRED"
    phone.login()
    assert page.state() == "SCAN_EXPIRED"


def test_a_phone_that_logged_in_anew_still_lets_in(site: Site) -> None:
    phone = Phone(site, device_id="device-1")
    phone.login()
    page = WebPage(site)
    said(phone, page.begin(), "confirm")
    phone.login()
    page.fetch()
    assert (page.refusal(), phone.refusal()) == ("", "")


def test_a_user_who_is_banned_after_the_word_is_not_let_in(site: Site, phone: Phone) -> None:
    phone.login()
    page = WebPage(site)
    said(phone, page.begin(), "confirm")
    with site.app.app_context():
        site.services.accounts.bans.impose(phone.user_id, Ban("sells accounts", None))
    answer = page.try_fetch()
    assert site.problem(answer) == "USER_BANNED"
    assert "until" in answer.json()
    assert [event.subject for event in events(site, "login.banned")] == [phone.user_id]


def test_a_user_who_is_erased_after_the_word_is_not_let_in(site: Site, phone: Phone) -> None:
    phone.login()
    page = WebPage(site)
    said(phone, page.begin(), "confirm")
    with site.app.app_context():
        site.services.accounts.erasure.erase(phone.user_id)
    assert page.state() == "SCAN_EXPIRED"


def test_a_disabled_app_lets_nobody_in(site: Site, phone: Phone) -> None:
    phone.login()
    page = WebPage(site)
    scan = page.begin()
    said(phone, scan, "confirm")
    with site.app.app_context():
        for _ in site.services.accounts.app_access.disable("wx0123456789abcdef"):
            pass
    assert page.state() == "APP_UNKNOWN"
    assert site.problem(page.picture()) == "APP_UNKNOWN"
    assert site.problem(page.try_begin()) == "APP_UNKNOWN"


# Limits


@pytest.mark.settings(WXLOGIN_LIMIT_SCAN_IP="3/minute")
def test_an_address_begins_so_many_scans_a_minute(site: Site) -> None:
    page = WebPage(site)
    for _ in range(3):
        page.begin()
        assert page.state() == "waiting"
    answer = page.try_begin()
    assert site.problem(answer) == "RATE_LIMITED"
    assert page.state() == "waiting"
    site.clock.forward(60)
    page.begin()


@pytest.mark.parametrize("path", ["/v1/scan", "/v1/scan/x/token"])
@pytest.mark.settings(WXLOGIN_LIMIT_SCAN_IP="1/minute", WXLOGIN_LIMIT_SCAN_POLL_IP="1/minute")
def test_an_address_over_its_limit_is_refused_whatever_it_sends(site: Site, path: str) -> None:
    page = WebPage(site)
    bodies = ({"json": {"unknown": 1}}, {"data": "text"}, {"json": {"unknown": 1}})
    answers = [site.request("POST", path, headers=page.headers, **body) for body in bodies]
    assert [answer.status_code for answer in answers] == [400, 429, 429]


@pytest.mark.settings(WXLOGIN_LIMIT_SCAN_IP="1/minute", WXLOGIN_WEB_ORIGINS=ORIGIN)
def test_a_browser_s_question_whether_it_may_does_not_count(site: Site) -> None:
    page = WebPage(site, Origin=ORIGIN)
    asking = {**page.headers, "Access-Control-Request-Method": "POST"}
    for _ in range(3):
        assert site.request("OPTIONS", "/v1/scan", headers=asking).ok
    page.begin()


@pytest.mark.settings(WXLOGIN_LIMIT_SCAN_POLL_IP="3/minute")
def test_an_address_asks_so_often_a_minute(site: Site) -> None:
    page = WebPage(site)
    page.begin()
    assert [page.state() for _ in range(4)] == ["waiting"] * 3 + ["RATE_LIMITED"]
    assert site.problem(page.picture()) == "RATE_LIMITED"


def test_a_page_that_asks_without_a_pause_has_to_wait(site: Site, phone: Phone) -> None:
    phone.login()
    page = WebPage(site)
    scan = page.begin()
    said(phone, scan, "confirm")
    said(phone, scan, "refuse")
    assert [page.state() for _ in range(31)] == ["SCAN_REFUSED"] * 30 + ["RATE_LIMITED"]
    page.begin()
    told = [page.state() for _ in range(31)]
    assert told == ["waiting"] * 30 + ["RATE_LIMITED"]
    answer = page.try_fetch()
    assert answer.headers["Retry-After"] == "2"
    site.clock.forward(3)
    assert page.state() == "waiting"


def test_a_page_that_keeps_the_interval_is_never_told_to_wait(site: Site) -> None:
    page = WebPage(site)
    page.begin()
    for _ in range(89):
        site.clock.forward(2)
        assert page.state() == "waiting"


@pytest.mark.settings(WXLOGIN_LIMIT_LOGIN_OPENID="2/minute")
def test_scans_count_as_logins_of_their_user(site: Site, phone: Phone) -> None:
    phone.login()
    page = signed_in(WebPage(site), phone)
    scan = page.begin()
    said(phone, scan, "confirm")
    assert page.state() == "RATE_LIMITED"
    site.clock.forward(60)
    page.fetch()
    assert [said(phone, scan)] == ["SCAN_EXPIRED"]
