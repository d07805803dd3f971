"""Scan to sign in on the web: a browser begins, a phone decides, the browser is signed in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.harness.phone import Phone
from tests.harness.signer import Signer
from tests.harness.site import APPID, Site
from tests.harness.watched import counted
from tests.harness.web_page import WebPage, said, signed_in
from wxlogin.redisdb import keys
from wxlogin.wechat import Credentials

LIFE = 180
SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@._~-]{1,32}")


@pytest.fixture
def page(site: Site) -> WebPage:
    """A page of somebody who wants in."""
    return WebPage(site)


@pytest.fixture
def alice(phone: Phone) -> Phone:
    """Alice's phone, signed in."""
    phone.login(platform="ios")
    return phone


# The way in


def test_a_scan_begins_with_a_secret_and_a_picture(page: WebPage) -> None:
    answer = page.try_begin()
    begun = answer.json()
    page.site.tokens.add(begun["secret"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(begun) == {"scan", "secret", "expires_in", "interval", "image"}
    assert (begun["expires_in"], begun["interval"]) == (LIFE, 2)
    assert begun["image"] == f"/v1/scan/{begun['scan']}/code.png"
    assert SCENE.fullmatch(begun["scan"])


def test_nobody_has_to_send_a_body_to_begin(site: Site) -> None:
    answer = site.request("POST", "/v1/scan")
    assert answer.status_code == 200
    site.tokens.add(answer.json()["secret"])


def test_a_scan_goes_from_waiting_over_seen_to_a_session(page: WebPage, alice: Phone) -> None:
    scan = page.begin()
    assert page.state() == "waiting"
    assert said(alice, scan) == "seen"
    assert page.state() == "seen"
    assert said(alice, scan, "confirm") == "confirmed"
    answer = page.fetch()
    assert set(answer) == set(alice.login_answer)
    assert answer["user"] == {"id": alice.user_id, "is_new": False}
    assert (answer["expires_in"], answer["max_expires_in"]) == (604800, 2592000)
    found = page.ask("GET", "/v1/session").json()
    assert found["app"] == {"appid": APPID}
    assert found["session"]["platform"] == "web"
    assert found["session"]["device_name"] == "Chrome 142, Windows"
    assert alice.refusal() == ""


def test_the_answer_with_the_token_is_stored_nowhere(page: WebPage, alice: Phone) -> None:
    said(alice, page.begin(), "confirm")
    answer = page.try_fetch()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_the_web_session_signs_its_own_requests(page: WebPage, alice: Phone) -> None:
    signed_in(page, alice)
    answer = Signer(page).call("POST", "/v1/logout")
    assert answer.status_code == 200
    assert alice.refusal() == ""


def test_the_phone_is_shown_which_browser_asks(page: WebPage, alice: Phone) -> None:
    answer = alice.ask("GET", f"/v1/scan/{page.begin()}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json() == {
        "state": "seen",
        "browser": "Chrome 142",
        "system": "Windows",
        "ip": "127.0.0.1",
        "region": None,
        "same_region": True,
        "expires_in": LIFE,
    }


def test_the_time_that_is_left_is_told(site: Site, page: WebPage, alice: Phone) -> None:
    scan = page.begin()
    site.clock.forward(100.5)
    assert alice.ask("GET", f"/v1/scan/{scan}").json()["expires_in"] == 79


# Who may say what


def test_only_a_phone_that_is_signed_in_sees_a_scan(site: Site, page: WebPage) -> None:
    scan = page.begin()
    stranger = Phone(site)
    for method, path in (("GET", ""), ("POST", "/confirm"), ("POST", "/refuse")):
        answer = site.request(method, f"/v1/scan/{scan}{path}")
        assert site.problem(answer) == "TOKEN_MISSING"
    assert page.state() == "waiting"
    stranger.login()
    assert said(stranger, scan) == "seen"


@pytest.mark.settings(WXLOGIN_REQUEST_SIGNING="required")
@pytest.mark.parametrize("word", ["confirm", "refuse"])
def test_the_phone_s_word_has_to_be_signed(page: WebPage, alice: Phone, word: str) -> None:
    scan = page.begin()
    assert said(alice, scan) == "seen"
    assert said(alice, scan, word) == "REQUEST_UNSIGNED"
    assert page.state() == "seen"
    assert Signer(alice).call("POST", f"/v1/scan/{scan}/{word}").status_code == 200


@pytest.mark.settings(WXLOGIN_REQUEST_SIGNING="required")
def test_a_page_has_nothing_to_sign_with_and_need_not(page: WebPage, alice: Phone) -> None:
    Signer(alice).call("POST", f"/v1/scan/{page.begin()}/confirm")
    page.fetch()


def test_a_confirmation_that_is_sent_twice_is_one(page: WebPage, alice: Phone) -> None:
    scan = page.begin()
    assert [said(alice, scan, "confirm") for _ in range(2)] == ["confirmed"] * 2
    assert said(alice, scan) == "confirmed"
    page.fetch()
    assert counted(page.site)["scan.confirmed"] == 1


def test_a_user_may_think_better_of_it_until_the_page_has_the_session(
    page: WebPage, alice: Phone
) -> None:
    scan = page.begin()
    said(alice, scan, "confirm")
    assert said(alice, scan, "refuse") == "refused"
    assert page.state() == "SCAN_REFUSED"


# How a scan ends


def test_a_refused_scan_is_refused_for_page_phone_and_picture(
    site: Site, page: WebPage, alice: Phone
) -> None:
    scan = page.begin()
    assert page.picture().ok
    assert said(alice, scan, "refuse") == "refused"
    answers = [page.try_fetch(), page.picture(), alice.ask("GET", f"/v1/scan/{scan}")]
    answers += [alice.ask("POST", f"/v1/scan/{scan}/{word}") for word in ("confirm", "refuse")]
    assert {site.problem(answer) for answer in answers} == {"SCAN_REFUSED"}
    assert {answer.json()["action"] for answer in answers} == {"prompt"}


def ends_of(page: WebPage, phone: Phone, scan: str, secret: str) -> set[str]:
    """What everybody is told of a scan."""
    site = page.site
    answers = [page.try_fetch(secret, scan), phone.ask("GET", f"/v1/scan/{scan}")]
    answers += [phone.ask("POST", f"/v1/scan/{scan}/{word}") for word in ("confirm", "refuse")]
    answers.append(site.request("GET", f"/v1/scan/{scan}/code.png"))
    return {site.problem(answer) for answer in answers}


UNKNOWN = ["A" * 22, "x", "A" * 23, "a%20b", "{scan}", "%00" * 22, "A" * 2000, "天" * 22]


def test_an_unknown_scan_is_over_for_all_alike(
    page: WebPage, alice: Phone, subtests: pytest.Subtests
) -> None:
    for scan in UNKNOWN:
        with subtests.test(scan=scan):
            assert ends_of(page, alice, scan, "wxq_x") == {"SCAN_EXPIRED"}


def test_a_scan_ends_after_three_minutes_by_the_program_s_clock(
    site: Site, page: WebPage, alice: Phone
) -> None:
    scan = page.begin()
    assert page.picture().ok
    site.clock.forward(LIFE - 1)
    assert said(alice, scan) == "seen"
    assert page.picture().ok
    site.clock.forward(1)
    assert ends_of(page, alice, scan, page.begun["secret"]) == {"SCAN_EXPIRED"}


def test_a_confirmed_scan_that_nobody_fetched_ends_too(
    site: Site, page: WebPage, alice: Phone
) -> None:
    scan = page.begin()
    said(alice, scan, "confirm")
    site.clock.forward(LIFE)
    assert page.state() == "SCAN_EXPIRED"
    assert ends_of(page, alice, scan, page.begun["secret"]) == {"SCAN_EXPIRED"}
    assert len(alice.ask("GET", "/v1/sessions").json()["sessions"]) == 1


def test_a_used_scan_is_over_for_all_alike(page: WebPage, alice: Phone) -> None:
    signed_in(page, alice)
    assert ends_of(page, alice, page.scan, page.begun["secret"]) == {"SCAN_EXPIRED"}
    assert page.refusal() == ""


def test_a_wrong_secret_is_not_found_and_has_no_effect(
    site: Site, page: WebPage, alice: Phone
) -> None:
    scan = page.begin()
    for _ in range(50):  # more than a page may ask
        assert site.problem(page.try_fetch("wxq_wrong")) == "NOT_FOUND"
    assert page.state() == "waiting"
    said(alice, scan, "confirm")
    assert site.problem(page.try_fetch(page.begun["secret"] + "x")) == "NOT_FOUND"
    page.fetch()


def test_the_secret_of_another_scan_is_wrong(site: Site, page: WebPage) -> None:
    other = WebPage(site)
    other.begin()
    page.begin()
    assert site.problem(page.try_fetch(other.begun["secret"])) == "NOT_FOUND"


WRONG_BODIES = [
    None,
    {},
    {"secret": ""},
    {"secret": 1},
    {"secret": "x" * 129},
    {"secret": "x", "a": 1},
]


def test_a_wrong_body_is_named(site: Site, page: WebPage, subtests: pytest.Subtests) -> None:
    for body in WRONG_BODIES:
        with subtests.test(body=body):
            page.begin()
            answer = site.request("POST", f"/v1/scan/{page.scan}/token", json=body)
            assert site.problem(answer) == "INVALID_REQUEST"


def test_the_secret_is_kept_as_a_digest_alone(site: Site, page: WebPage) -> None:
    page.begin()
    record = site.redis.hgetall(keys.scan(page.scan))
    assert page.begun["secret"] not in str(record)
    assert 0 < site.redis.pttl(keys.scan(page.scan)) <= 181_000


# Mini-programs


def test_an_app_that_is_not_registered_has_no_scans(site: Site, page: WebPage) -> None:
    assert site.problem(page.try_begin(appid="wxffffffffffffffff")) == "APP_UNKNOWN"
    page.begin(appid=APPID)


def test_a_phone_of_another_app_knows_no_such_scan(site: Site, page: WebPage, alice: Phone) -> None:
    other, secret = "wxfedcba9876543210", "c4ca4238a0b923820dcc509a6f75849b"
    site.secrets.add(secret)
    site.sandbox.world.add_app(other, secret)
    with site.app.app_context():
        site.services.accounts.apps.create(Credentials(other, secret), "Another")
    scan = page.begin(appid=other)
    assert said(alice, scan) == "SCAN_EXPIRED"
    assert said(alice, scan, "confirm") == "SCAN_EXPIRED"
    assert page.state() == "waiting"
    visitor = Phone(site, "bob")
    visitor.login(code=site.sandbox.world.login_code("bob", other), appid=other)
    assert said(visitor, scan, "confirm") == "confirmed"
    page.fetch()
    assert page.ask("GET", "/v1/session").json()["app"] == {"appid": other}


def test_two_sites_share_their_scans(make_site: Callable[..., Site]) -> None:
    one, other = make_site(), make_site()
    page, alice = WebPage(one), Phone(other)
    alice.login()
    scan = page.begin()
    assert said(alice, scan, "confirm") == "confirmed"
    page.fetch()
