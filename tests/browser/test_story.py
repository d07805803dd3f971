"""Questions of operators, answered within three clicks: why was somebody logged out?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.browser import PHONE, Desk
from tests.harness.phone import Phone
from tests.harness.site import Site

Sit = Callable[..., Desk]


@pytest.fixture
def ousted(site: Site) -> Phone:
    """Alice, whose iPhone was signed out by her sign-in on another phone, from the same app."""
    old = Phone(site, platform="ios", device_name="Alice's iPhone", device_id="the-same-1")
    old.login()
    site.clock.forward(120)
    Phone(site, platform="android", device_id="the-same-1").login()
    return old


@pytest.mark.parametrize("width", [1440, PHONE])
def test_the_first_screen_says_why_a_user_was_logged_out(
    desk: Desk, ousted: Phone, width: int
) -> None:
    desk.page.set_viewport_size({"width": width, "height": 800})
    desk.open(f"/admin/users/{ousted.user_id}")
    line = desk.page.locator(".notice.calm")
    box = line.bounding_box()
    assert box
    assert box["y"] + box["height"] < 800
    said = line.inner_text()
    assert "Replaced by another sign-in" in said
    assert "iOS (Alice's iPhone)" in said
    assert "by a sign-in on Android" in said


def test_a_story_is_told_in_chinese(sit: Sit, ousted: Phone) -> None:
    desk = sit(language="zh")
    desk.keep_cookie(desk.operator.sign_in())
    assert "顶下线" in desk.open(f"/admin/users/{ousted.user_id}")


def test_why_somebody_was_logged_out_takes_three_clicks(
    desk: Desk, ousted: Phone, site: Site
) -> None:
    """From the overview, by what a customer can tell: a phone number would lead there, too."""
    desk.open("/admin/")
    desk.page.keyboard.press("/")
    desk.page.keyboard.type(site.sandbox.world.openid("alice"))
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url(f"**/admin/users/{ousted.user_id}")
    assert "Replaced by another sign-in" in desk.page.locator(".notice.calm").inner_text()
    assert "by a sign-in on Android" in desk.page.locator("ol.story").inner_text()


def test_the_page_of_a_search_says_nothing_of_it_and_back_leads_there(
    desk: Desk, ousted: Phone
) -> None:
    desk.open("/admin/")
    search(desk, ousted.session_id)
    where = desk.path
    assert where.startswith("/admin/find/")
    assert ousted.session_id not in where
    assert "Replaced by another sign-in" in desk.text()
    desk.press(ousted.user_id)
    desk.page.go_back()
    assert desk.path == where
    assert ousted.session_id in desk.text()


def test_the_page_of_a_search_is_for_who_searched(sit: Sit, desk: Desk, ousted: Phone) -> None:
    desk.open("/admin/")
    search(desk, ousted.session_id)
    where = desk.path
    other = sit("owner")
    other.keep_cookie(other.operator.sign_in())
    assert ousted.session_id not in other.open(where, status=404)


def test_nothing_found_says_what_can_be(desk: Desk) -> None:
    desk.open("/admin/")
    search(desk, "nobody")
    assert "Nothing found" in desk.text()
    assert "nobody" not in desk.path


def test_a_search_works_on_a_phone_without_scripts(sit: Sit, ousted: Phone) -> None:
    desk = sit(scripts=False, width=PHONE).sign_in()
    search(desk, ousted.user_id)
    assert desk.path == f"/admin/users/{ousted.user_id}"


def test_a_refused_search_says_why(sit: Sit) -> None:
    desk = sit("viewer")
    desk.keep_cookie(desk.operator.sign_in())
    desk.open("/admin/")
    search(desk, "13800138000")
    assert desk.path == "/admin/find"
    assert "Your role does not allow a search by phone number." in desk.notice()


def search(desk: Desk, text: str) -> None:
    """Type into the box at the top, and send it."""
    desk.page.fill("#find-box", text)
    desk.page.locator("form.find button").click()
    desk.page.wait_for_load_state()


@pytest.mark.settings(WXLOGIN_AVATAR_HOSTS="127.0.0.1")
def test_a_picture_that_cannot_be_had_is_a_letter_and_breaks_nothing(
    desk: Desk, site: Site
) -> None:
    phone = Phone(site)
    phone.login()
    profile = {"nickname": "小明", "avatar_url": "https://127.0.0.1:1/1.png"}
    assert phone.ask("PUT", "/v1/me/profile", json=profile).ok
    desk.open(f"/admin/users/{phone.user_id}")
    picture = desk.page.locator("h1 img.avatar")
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 0
    assert desk.page.locator("h1").inner_text().startswith("小**")
    assert desk.barriers_everywhere() == []
