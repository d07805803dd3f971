"""The API's reference in a browser: by kind of caller, in both languages, by day and by night.

Scalar measures its scroll bars and numbers the lines of its examples by style attributes, which the
policy stops: nothing else that the browser says is left out here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from tests.browser.browser import PHONE, WIDE, Desk
from tests.harness.console import Operator
from tests.harness.site import Site

SLOW = 60_000  # its script has 5 MB
STOPPED = ("style-src-attr", "Applying inline style violates")
SIGN_IN = {"en": "Sign in with a code of wx.login.", "zh": "用 wx.login 的 code 登录。"}
BRIGHTNESS = (
    """() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]"""
)
Read = Callable[..., Desk]


@pytest.fixture
def read(browser: Browser, site: Site) -> Iterator[Read]:
    """Opens the reference before a reader, and waits until its first call is shown."""
    desks: list[Desk] = []
    with ExitStack() as stack:

        def opened(path: str = "/docs", scheme: str = "light", **look: str | int) -> Desk:
            desk = stack.enter_context(Desk.of(browser, Operator(site, "viewer"), **look))
            desks.append(desk)
            desk.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            desk.page.set_default_timeout(SLOW)
            desk.page.goto(site.base + path, wait_until="commit")
            desk.page.get_by_role("heading", name="wxlogin ·").wait_for()
            return desk

        yield opened
        faults = [fault for desk in desks for fault in desk.faults]
        assert [fault for fault in faults if not any(said in fault for said in STOPPED)] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_call_is_read_in_the_language_of_the_reader(read: Read, language: str) -> None:
    page = read(language=language).page
    page.get_by_text(SIGN_IN[language]).first.click()
    page.get_by_role("heading", name=SIGN_IN[language]).wait_for()
    assert "0a3bCdEf1G2hIjKlMnOpQrStUvWxYz4k" in page.locator("body").inner_text()


def test_each_kind_of_caller_has_its_own_calls(read: Read) -> None:
    page = read("/docs?part=services#services/tag/services/POST/v1/introspect").page
    page.get_by_text("/v1/introspect").first.wait_for()
    said = page.locator("body").inner_text()
    assert "/v1/login" not in said
    assert "/admin/api/" not in said


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_window_and_the_hour(read: Read, scheme: str) -> None:
    page = read(width=PHONE, scheme=scheme).page
    assert (page.evaluate(BRIGHTNESS) < 100) == (scheme == "dark")
    for width in (PHONE, WIDE):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_call_is_tried_from_the_page(read: Read, site: Site) -> None:
    page = read("/docs?part=services#services/tag/service/GET/healthz").page
    page.get_by_role("button", name="Test Request").first.click()
    with page.expect_response(f"{site.base}/healthz") as answered:
        page.get_by_role("button", name="Send").first.click()
    assert answered.value.status == 200
