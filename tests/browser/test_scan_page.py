"""docs/scan.md is followed by two browsers: a web site's visitor, and the visitor's phone."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect

from tests.browser.browser import AXE, FIND, LOCALES, TELL_CSP
from tests.browser.web_site import PAGE, ScanningPhone, WebSite
from tests.harness.command_line import CommandLine
from tests.harness.console import Service
from tests.harness.doc_pages import written
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.timing import eventually

SCENE = re.compile(r"/v1/scan/([A-Za-z0-9_-]{22})/code\.png$")
ZH_PAGE = PAGE.with_suffix(".zh-CN.md")


@pytest.fixture
def web() -> Iterator[WebSite]:
    """A team's web site."""
    site = WebSite()
    yield site
    site.close()


@pytest.fixture
def site(make_site: Callable[..., Site], web: WebSite) -> Site:
    """A wxlogin that lets the web site's pages scan."""
    site = make_site(WXLOGIN_WEB_ORIGINS=web.origin)
    web.trust(site.base, Service(site, "introspect").token)
    return site


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor's browser, which complains of nothing that a policy forbids."""
    context = browser.new_context(locale=LOCALES["zh"])
    context.add_init_script(TELL_CSP)
    context.set_default_timeout(60_000)
    told: list[str] = []
    context.on("console", lambda message: told.append(message.text))
    yield context
    context.close()
    assert [text for text in told if text.startswith("CSP")] == []


@pytest.fixture
def alice(site: Site, phone: Phone, browser: Browser) -> Iterator[ScanningPhone]:
    """Alice's phone, with the mini-program of the page."""
    del site
    phone.login()
    context = browser.new_context()
    yield ScanningPhone(context, phone)
    context.close()


def scene_of(page: Page | Frame) -> str:
    """What the picture on a page holds, once it is loaded."""
    picture = page.locator("img")
    expect(picture).to_have_attribute("src", SCENE)
    eventually(lambda: picture.evaluate("(image) => image.complete && image.naturalWidth > 100"))
    found = SCENE.search(str(picture.get_attribute("src")))
    assert found
    return found[1]


def test_the_command_of_the_page_works(site: Site) -> None:
    (block,) = written(PAGE)
    words = shlex.split(block.text)
    said = CommandLine(site, "apps").done(*words[words.index("apps") + 1 :])
    assert "pages/scan/scan" in said


def test_both_languages_show_the_same_code() -> None:
    for language in ("sh", "js", "xml", "html", "python"):
        english, chinese = ([b.text for b in written(p, language)] for p in (PAGE, ZH_PAGE))
        assert english == chinese


def test_a_page_of_one_s_own_signs_its_visitor_in(
    context: BrowserContext, web: WebSite, alice: ScanningPhone, phone: Phone
) -> None:
    page = context.new_page()
    page.goto(f"{web.origin}/own")
    shown = alice.scan(scene_of(page))
    assert (shown["state"], shown["same_region"], shown["failed"]) == ("seen", True, False)
    assert shown["browser"].startswith("Chrome ")
    expect(page.locator("#state")).to_have_text("请在手机上确认")
    assert alice.press("confirm")["state"] == "confirmed"
    page.wait_for_url(f"{web.origin}/me")
    assert phone.user_id in page.content()
    (cookie,) = context.cookies()
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Lax")
    phone.site.tokens.add(cookie["value"])
    assert phone.refusal() == ""


def test_a_page_of_one_s_own_says_that_the_phone_refused(
    context: BrowserContext, web: WebSite, alice: ScanningPhone
) -> None:
    page = context.new_page()
    page.goto(f"{web.origin}/own")
    alice.scan(scene_of(page))
    assert alice.press("refuse")["state"] == "refused"
    expect(page.locator("#state")).to_have_text("已拒绝")
    assert context.cookies() == []


def test_the_ready_page_hands_the_session_to_who_opened_it(
    context: BrowserContext, web: WebSite, alice: ScanningPhone, phone: Phone
) -> None:
    page = context.new_page()
    page.goto(f"{web.origin}/popup")
    with context.expect_page() as opened:
        page.get_by_role("button").click()
    popup = opened.value
    scene = scene_of(popup)
    expect(popup.get_by_role("status")).to_have_text("请用微信扫描小程序码")
    alice.scan(scene)
    expect(popup.get_by_role("status")).to_have_text("已扫码，请在手机上确认登录")
    alice.press("confirm")
    page.wait_for_url(f"{web.origin}/me")
    assert phone.user_id in page.content()
    assert popup.is_closed()


def test_a_refused_scan_of_the_ready_page_may_be_begun_anew(
    context: BrowserContext, web: WebSite, alice: ScanningPhone
) -> None:
    page = context.new_page()
    page.goto(f"{web.origin}/framed")
    frame = page.frames[1]
    first = scene_of(frame)
    alice.scan(first)
    alice.press("refuse")
    expect(frame.get_by_role("status")).to_have_text("已在手机上拒绝登录")
    frame.get_by_role("button", name="刷新小程序码").click()
    expect(frame.get_by_role("status")).to_have_text("请用微信扫描小程序码")
    assert scene_of(frame) != first


def test_the_ready_page_says_when_its_scan_is_over(
    context: BrowserContext, web: WebSite, site: Site
) -> None:
    page = context.new_page()
    page.goto(f"{web.origin}/framed")
    frame = page.frames[1]
    scene_of(frame)
    site.clock.forward(180)
    expect(frame.get_by_role("status")).to_have_text("小程序码已过期")


def test_a_framed_ready_page_hands_the_session_to_its_frame_s_page(
    context: BrowserContext, web: WebSite, alice: ScanningPhone
) -> None:
    page = context.new_page()
    page.goto(f"{web.origin}/framed")
    page.evaluate("window.heard = []; addEventListener('message', (m) => heard.push(m.data))")
    alice.scan(scene_of(page.frames[1]))
    alice.press("confirm")
    page.wait_for_function("heard.length")
    (message,) = page.evaluate("heard")
    assert (message["source"], message["state"]) == ("wxlogin.scan", "signed_in")
    assert message["login"]["token"].startswith("wxs_")


def test_a_page_of_another_origin_cannot_frame_it_and_gets_no_session(
    browser: Browser, web: WebSite, site: Site, alice: ScanningPhone
) -> None:
    other = WebSite()
    context = browser.new_context()
    try:
        other.base = site.base
        page = context.new_page()
        page.goto(f"{other.origin}/framed")
        assert page.frames[1].url.startswith("chrome-error:")
        page.evaluate("window.heard = []; addEventListener('message', (m) => heard.push(m.data))")
        address = f"{site.base}/scan/?origin={web.origin}"
        with context.expect_page() as opened:
            page.evaluate(f"void window.open({address!r})")
        popup = opened.value
        alice.scan(scene_of(popup))
        alice.press("confirm")
        popup.wait_for_event("close")
        assert page.evaluate("heard") == []
    finally:
        context.close()
        other.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_opened_by_itself_it_says_where_to_go_and_has_no_barriers(
    browser: Browser, site: Site, language: str
) -> None:
    context = browser.new_context(locale=LOCALES[language], color_scheme="dark")
    page = context.new_page()
    page.goto(f"{site.base}/scan/")
    assert page.title() == {"zh": "微信扫码登录", "en": "Sign in with WeChat"}[language]
    expect(page.get_by_role("status")).not_to_be_empty()
    expect(page.get_by_role("button")).to_be_hidden()
    page.evaluate(AXE)
    assert page.evaluate(FIND) == []
    context.close()
