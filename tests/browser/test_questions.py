"""Operators come with questions; each is answered within three clicks from the overview.

`bench/questions.py` asks for the pages behind them on a large installation.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.admin.people import OTHER, told, two_apps
from tests.browser.browser import Desk
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from wxlogin.clock import utc_now
from wxlogin.sandbox import Fault

MOST_CLICKS = 3
DAY = 86_400


class Inquiry:
    """Somebody with a question, who begins at the overview; typing is no click, Enter is one."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.clicks = 0
        desk.open("/admin/")

    def find(self, text: str) -> None:
        """Type or paste into the box at the top."""
        self.desk.page.keyboard.press("/")
        self.desk.page.keyboard.insert_text(text)
        self._click(lambda: self.desk.page.keyboard.press("Enter"))

    def open_page(self, label: str) -> None:
        """Follow a link of the navigation."""
        link = self.desk.page.locator("header.side nav").get_by_role("link", name=label)
        self._click(link.first.click)

    def press(self, label: str) -> None:
        """Press a button or follow a link of the page."""
        self._click(lambda: self.desk.press(label))

    def follow(self, selector: str) -> None:
        """Follow a link whose text is a number."""
        self._click(self.desk.page.locator(selector).first.click)

    def download(self, label: str, path: Path) -> list[dict[str, str]]:
        """Press the button of a list's file; the rows of the file."""
        with self.desk.page.expect_download() as download:
            self.desk.page.get_by_role("button", name=label).click()
        self.clicks += 1
        download.value.save_as(path)
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return list(csv.DictReader(lines))

    def answer(self) -> str:
        """What the page says, if it took no more clicks than three."""
        assert self.clicks <= MOST_CLICKS
        return self.desk.text()

    def _click(self, click: Callable[[], None]) -> None:
        with self.desk.page.expect_navigation():
            click()
        self.clicks += 1


@pytest.fixture
def inquiry(desk: Desk) -> Inquiry:
    """An owner at the overview."""
    return Inquiry(desk)


def test_why_was_he_logged_out(inquiry: Inquiry, site: Site) -> None:
    old = Phone(site, platform="ios", device_name="Alice's iPhone", device_id="the-same-1")
    old.login()
    site.clock.forward(120)
    Phone(site, platform="android", device_id="the-same-1").login()
    inquiry.find(site.sandbox.world.openid("alice"))
    said = inquiry.answer()
    assert "Last signed out" in said
    assert "Replaced by another sign-in iOS (Alice's iPhone) by a sign-in on Android" in said


def test_ban_him_until_friday(inquiry: Inquiry, site: Site) -> None:
    phone = Phone(site)
    phone.login()
    now = utc_now(site.clock).astimezone(site.settings.timezone)
    friday = now + timedelta(days=(4 - now.weekday()) % 7 or 7)
    inquiry.find(phone.user_id)
    inquiry.press("Ban")
    inquiry.desk.fill(until=f"{friday:%Y-%m-%dT%H:%M}", reason="sells accounts")
    inquiry.press("Ban the user")
    said = inquiry.answer()
    assert f"Banned until {friday:%b} {friday.day}, {friday.year}" in said
    assert "sells accounts" in said
    assert phone.refusal() == "USER_BANNED"


def test_what_do_i_do_now_that_the_appsecret_leaked(inquiry: Inquiry, site: Site) -> None:
    inquiry.open_page("Mini-programs")
    inquiry.follow(f"a[href='/admin/apps/{APPID}/leaked-secret']")
    said = inquiry.answer()
    assert "What to do, in this order" in said
    assert "Give the new one to wxlogin" in said
    assert "By itself" in said


def test_is_something_wrong_right_now(inquiry: Inquiry, site: Site) -> None:
    site.sandbox.faults.queue("/sns/jscode2session", Fault(errcode=40125))
    site.request("POST", "/v1/login", json={"code": site.sandbox.world.login_code("alice")})
    site.services.keyring.hosts.note()
    inquiry.open_page("Now")
    said = inquiry.answer()
    assert "refuses this server" in said
    assert "the AppSecret is wrong" in said
    assert "replace it here" in said


def test_what_did_operators_do_last_month(
    inquiry: Inquiry, desk: Desk, site: Site, tmp_path: Path
) -> None:
    """As a file for the auditors, with what the screen shows and no more."""
    phone = Phone(site)
    phone.login()
    desk.operator.done("POST", f"/users/{phone.user_id}/kick")
    site.clock.forward(20 * DAY)
    desk.keep_cookie(desk.operator.sign_in())
    desk.operator.done("POST", f"/users/{phone.user_id}/ban", json={"reason": "spam"})
    inquiry.desk.open("/admin/")
    inquiry.open_page("Audit")
    since = utc_now(site.clock).astimezone(site.settings.timezone) - timedelta(days=30)
    until = since + timedelta(days=20)
    inquiry.desk.fill(since=f"{since:%Y-%m-%dT%H:%M}", until=f"{until:%Y-%m-%dT%H:%M}")
    inquiry.press("Filter")
    rows = inquiry.download("Download as CSV", tmp_path / "audit.csv")
    acts = {row["act"] for row in rows}
    assert "user.kick" in acts
    assert "user.ban" not in acts
    assert "Ended a user's sessions" in inquiry.answer()


def test_do_we_know_whose_phone_number_this_is(inquiry: Inquiry, site: Site) -> None:
    phone = Phone(site)
    phone.login()
    told(phone)
    number = str(site.sandbox.world.phone_fields("alice")["purePhoneNumber"])
    inquiry.find(f"+86 {number[:3]} {number[3:7]} {number[7:]}")
    assert inquiry.desk.path == f"/admin/users/{phone.user_id}"
    assert f"{number[:3]}****{number[-4:]}" in inquiry.answer()


def test_in_which_mini_program_do_logins_fail(inquiry: Inquiry, site: Site) -> None:
    two_apps(site)
    for _ in range(4):
        site.request("POST", "/v1/login", json={"code": "c" * 32, "appid": OTHER})
    site.app.extensions["wxlogin"].watch.recorder.flush()
    inquiry.open_page("Now")
    row = inquiry.desk.page.locator("tr", has_text=OTHER)
    assert row.locator("a.number").inner_text() == "4"
    inquiry.follow(f"tr:has-text('{OTHER}') a.number")
    said = inquiry.answer()
    assert "Bad login code" in said
    assert "Another" in said


def test_who_did_what_to_this_user(inquiry: Inquiry, desk: Desk, site: Site) -> None:
    phone = Phone(site)
    phone.login()
    reason = {"reason": "sells accounts"}
    desk.operator.done("POST", f"/users/{phone.user_id}/ban", json=reason)
    inquiry.find(phone.user_id)
    inquiry.press("What operators did to this user")
    said = inquiry.answer()
    assert "Banned a user" in said
    assert desk.operator.name in said
    assert "sells accounts" in said
