"""The page Now and the badge of the navigation renew themselves; what is old says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browser import PHONE, Desk
from tests.browser.sample_site import FORGED, SETTINGS
from tests.harness.site import Site
from wxlogin.sandbox import Fault

Sit = Callable[..., Desk]
SOON = 15_000
"""Milliseconds in which a page has renewed itself, also on a machine that is busy."""


def forge(site: Site) -> None:
    """Send what a stranger would, often enough to raise an alert."""
    forged = {"Authorization": f"Bearer wxs_{'A' * 64}.{'A' * 43}"}
    for _ in range(FORGED):
        site.request("GET", "/v1/session", headers={**forged, "X-Forwarded-For": "203.0.113.9"})
    site.app.extensions["wxlogin"].watch.recorder.flush()


def badge(page: Page) -> str:
    """What the badge beside Alerts says."""
    return page.locator("header.side [data-live$='/alerts/badge']").inner_text().strip()


@pytest.mark.settings(**SETTINGS)
def test_figures_and_badge_change_without_a_page_load(desk: Desk, site: Site) -> None:
    desk.open("/admin/status")
    assert badge(desk.page) == ""
    desk.page.evaluate("window.loaded = 'once'")
    focused = desk.page.locator("main dl a").last
    focused.focus()
    forge(site)
    expect(desk.page.locator("main dl")).to_contain_text("Open alerts1", timeout=SOON)
    expect(desk.page.locator("header.side [data-live]")).to_have_text("1", timeout=SOON)
    assert desk.page.evaluate("window.loaded") == "once"
    assert desk.page.evaluate("document.activeElement.closest('main dl') !== null")
    assert desk.barriers_everywhere() == []


def test_what_cannot_be_read_again_says_so_until_it_can(desk: Desk) -> None:
    desk.open("/admin/status")
    stale = desk.page.locator("[data-stale=now]")
    expect(stale).to_be_hidden()
    desk.page.route("**/admin/status/part", lambda route: route.abort())
    expect(stale).to_be_visible(timeout=SOON)
    assert "as old as they say" in stale.inner_text()
    assert desk.barriers() == []
    desk.page.unroute("**/admin/status/part")
    expect(stale).to_be_hidden(timeout=SOON)
    desk.faults = [fault for fault in desk.faults if "ERR_FAILED" not in fault]


def test_an_open_page_keeps_no_session_alive(desk: Desk, site: Site) -> None:
    desk.open("/admin/status")
    cookie = {"Cookie": f"wxlogin_admin={desk.operator.cookie}"}
    for _ in range(3):
        site.clock.forward(700)
        site.request("GET", "/admin/status/part", headers=cookie, allow_redirects=False)
        site.request("GET", "/admin/alerts/badge", headers=cookie, allow_redirects=False)
    assert desk.operator.refusal("GET", "/me") == "SESSION_EXPIRED"


def test_without_scripts_the_page_says_as_of_when(sit: Sit) -> None:
    desk = sit(scripts=False, width=PHONE).sign_in()
    assert "As of" in desk.open("/admin/status")


@pytest.mark.parametrize(
    ("language", "means", "advice"),
    [
        ("en", "this server's address is not in the IP allow list", "Add this server's address"),
        ("zh", "本服务器的地址不在 IP 白名单中", "把本服务器的地址加入"),
    ],
)
def test_what_wechat_refuses_is_told_with_what_to_do(
    sit: Sit, site: Site, language: str, means: str, advice: str
) -> None:
    desk = sit(language=language)
    desk.keep_cookie(desk.operator.sign_in())
    site.sandbox.faults.queue("/sns/jscode2session", Fault(errcode=40164))
    site.request("POST", "/v1/login", json={"code": site.sandbox.world.login_code("alice")})
    site.services.keyring.hosts.note()
    text = desk.open("/admin/status")
    assert "40164" in text
    assert means in text
    assert advice in text


def test_tiles_lead_to_the_list_that_they_count(desk: Desk, site: Site) -> None:
    for _ in range(3):
        site.request("POST", "/v1/login", json={"code": "c" * 32})
    site.app.extensions["wxlogin"].watch.recorder.flush()
    desk.open("/admin/")
    tile = desk.page.locator(".tiles div", has_text="Failures").locator("a")
    assert tile.inner_text() == "3"
    tile.click()
    assert "refused=true" in desk.path
    assert "Bad login code" in desk.text()
    desk.open("/admin/")
    desk.page.locator(".tiles div", has_text="Live sessions").locator("a").click()
    assert desk.path == "/admin/sessions"
