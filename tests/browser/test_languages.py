"""Chinese and English: by the browser's wish, until somebody chooses."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.browser import PHONE, Desk
from tests.harness.phone import Phone
from tests.harness.site import Site

Sit = Callable[..., Desk]


def choose(desk: Desk, language: str) -> None:
    """Press the language's own name."""
    desk.page.get_by_role("button", name=language).locator("visible=true").click()
    desk.page.wait_for_load_state()


def test_the_browser_chooses_the_language(sit: Sit) -> None:
    assert "Sign in" in sit().open("/admin/sign-in")
    chinese = sit(language="zh")
    assert "登录" in chinese.open("/admin/sign-in")
    assert chinese.page.locator("html").get_attribute("lang") == "zh-CN"


def test_the_switch_holds_and_stays_on_the_page(desk: Desk) -> None:
    desk.open("/admin/events?kind=login.succeeded")
    choose(desk, "中文")
    assert desk.path == "/admin/events?kind=login.succeeded"
    assert "安全事件" in desk.text()
    assert "概览" in desk.open("/admin/")
    choose(desk, "English")
    assert "Overview" in desk.text()


def test_the_switch_leads_to_no_other_host(site: Site) -> None:
    form = {"language": "zh", "back": "//evil.example/admin/"}
    answer = site.request("POST", "/admin/language", data=form, allow_redirects=False)
    assert answer.headers["Location"] == "/admin/"
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/admin"} <= set(cookie.split("; "))


def test_a_language_that_is_not_spoken_is_not_kept(site: Site) -> None:
    form = {"language": "tlh", "back": "/admin/"}
    answer = site.request("POST", "/admin/language", data=form, allow_redirects=False)
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(("language", "colon"), [("en", ": "), ("zh", "：")])
def test_a_bar_says_its_hour_and_its_number_when_tapped_or_focused(
    sit: Sit, phone: Phone, language: str, colon: str
) -> None:
    phone.login()
    desk = sit(language=language, width=PHONE)
    desk.keep_cookie(desk.operator.sign_in())
    phone.site.app.extensions["wxlogin"].watch.recorder.flush()
    desk.open("/admin/")
    chart = desk.page.locator("figure.chart").first
    said = chart.locator("[data-bar-said]")
    bar = chart.locator(".bar").last
    hour = re.compile(rf"\d\d:00–\d\d:00{colon}1")
    bar.click()
    assert hour.fullmatch(said.inner_text())
    desk.open("/admin/")
    bar.focus()
    assert hour.fullmatch(said.inner_text())
    assert desk.barriers() == []


@pytest.mark.parametrize(("language", "ago"), [("English", "ago"), ("中文", "前")])
def test_times_name_their_zone_and_say_how_long_ago_they_were(
    desk: Desk, language: str, ago: str
) -> None:
    desk.site.clock.forward(60)
    desk.open("/admin/audit")
    choose(desk, language)
    time = desk.page.locator("time").first
    assert time.inner_text().endswith("UTC+08:00")
    assert ago in desk.page.locator("time + .ago").first.inner_text()
    assert str(time.get_attribute("datetime")).endswith("Z")
