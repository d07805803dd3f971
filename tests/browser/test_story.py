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
