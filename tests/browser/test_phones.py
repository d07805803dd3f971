"""Two phones in the browser: the built client, on this server, with the sandbox in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.browser import AXE, FIND, LOCALES, LOOKS, TELL_CSP, WIDE
from tests.harness.site import Site
from tests.harness.timing import eventually

ONE_DEVICE = pytest.mark.settings(WXLOGIN_SINGLE_DEVICE_LOGIN="all")


class Stage:
    """The page, with what the browser complained of."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.site = site
        self.first, self.second = page.locator("#phone-a"), page.locator("#phone-b")
        self.desktop = page.locator("#desktop")

    def sign_in(self, phone: Locator) -> str:
        """Sign in on a phone; the user's id."""
        phone.get_by_role("button", name="Sign in with WeChat").click()
        expect(phone.locator(".card .id")).not_to_be_empty()
        return phone.locator(".card .id").inner_text()

    def calls(self, phone: Locator) -> list[str]:
        """The calls of a phone, oldest first: method, path, status."""
        lines = phone.locator(".log summary").all()
        parts = [[line.locator(part).inner_text() for part in ("b", "code")] for line in lines]
        codes = [line.locator(".code-of").inner_text() for line in lines]
        return [" ".join([*part, code]) for part, code in zip(parts, codes, strict=True)][::-1]

    def done(self, step: str) -> Locator:
        """What the tour says of a step."""
        return self.page.locator(f"[data-step={step}] em")

    def armed(self) -> Locator:
        """The marks of the faults that have not happened yet."""
        return self.page.locator("#faults em:visible")

    def scan(self, phone: Locator, word: str) -> None:
        """Scan what the browser shows, and answer."""
        self.desktop.get_by_role("button", name="Show the code").click()
        expect(self.desktop.locator(".state")).to_have_text("Press Scan on either phone")
        phone.get_by_role("button", name="Scan", exact=True).click()
        sheet = phone.get_by_role("dialog")
        expect(sheet).to_contain_text("127.0.0.1")
        sheet.get_by_role("button", name=word).click()


@pytest.fixture
def stage(browser: Browser, site: Site) -> Iterator[Stage]:
    """The page, as a newcomer opens it."""
    context = browser.new_context(locale=LOCALES["en"], reduced_motion="reduce")
    context.add_init_script(TELL_CSP)
    context.set_default_timeout(60_000)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "CSP" in said.text else None)
    page.goto(f"{site.base}/sandbox/")
    expect(page.locator("#faults button")).to_have_count(12)
    yield Stage(page, site)
    context.close()
    assert faults == []


@ONE_DEVICE
def test_a_sign_in_on_the_second_phone_ends_the_first_which_is_told(stage: Stage) -> None:
    assert stage.sign_in(stage.first) == stage.sign_in(stage.second)
    told = stage.first.get_by_role("dialog")
    expect(told).to_contain_text("You signed in on another device.")
    expect(stage.first.locator(".log")).to_contain_text("SESSION_REPLACED · prompt")
    expect(stage.done("replaced")).to_be_visible()
    # Nobody signs in silently, or the two would throw each other out for ever.
    assert stage.calls(stage.first).count("POST /v1/login 200") == 1
    told.get_by_role("button", name="Sign in again").click()
    expect(stage.second.get_by_role("dialog")).to_contain_text("another device")


def test_a_stale_session_key_heals_by_itself(stage: Stage) -> None:
    phone = stage.first
    stage.sign_in(phone)
    stage.site.clock.forward(1)  # keys are told apart by when they came
    phone.get_by_role("button", name="Stale session_key").click()
    phone.get_by_role("button", name="old button").click()
    expect(phone.locator(".card .number")).to_contain_text("138****")
    assert [call for call in stage.calls(phone) if "decrypt" in call or "key" in call] == [
        "POST /v1/decrypt/phone 409",
        "POST /v1/session/key 200",
        "POST /v1/decrypt/phone 200",
    ]
    expect(stage.done("healed")).to_be_visible()


def test_a_phone_number_and_a_nickname_are_kept(stage: Stage) -> None:
    phone = stage.first
    stage.sign_in(phone)
    phone.get_by_role("button", name="Fetch phone number", exact=True).click()
    expect(phone.locator(".card .number")).to_contain_text("138****")
    phone.get_by_label("Nickname").fill("小明")
    phone.get_by_role("button", name="Save").click()
    expect(phone.locator(".card .name")).to_have_text("小明")
    phone.get_by_label("Nickname").fill("赌博")
    phone.get_by_role("button", name="Save").click()
    expect(phone.locator(".toast")).to_have_text("This nickname is not allowed. Choose another.")


def test_the_desktop_is_signed_in_by_the_phone_or_refused(stage: Stage) -> None:
    user = stage.sign_in(stage.first)
    stage.scan(stage.first, "Refuse")
    expect(stage.desktop.locator(".state")).to_have_text("The phone refused")
    stage.desktop.get_by_role("button", name="Get a new code").click()
    stage.desktop.get_by_role("button", name="Get a new code").wait_for()
    expect(stage.desktop.locator(".state")).to_have_text("Press Scan on either phone")
    stage.first.get_by_role("button", name="Scan", exact=True).click()
    stage.first.get_by_role("dialog").get_by_role("button", name="Sign in").click()
    expect(stage.desktop.locator(".who")).to_contain_text(user)
    stage.desktop.get_by_role("button", name="Sign out").click()
    expect(stage.desktop.get_by_role("button", name="Show the code")).to_be_visible()


def test_another_device_is_ended_and_who_leaves_is_gone_everywhere(stage: Stage) -> None:
    user = stage.sign_in(stage.first)
    stage.sign_in(stage.second)
    expect(stage.done("both")).to_be_visible()
    # The other phone looks again a moment after a sign-in.
    expect(stage.first.locator(".devices li")).to_have_count(2)
    stage.second.get_by_role("button", name="End").click()
    expect(stage.second.locator(".devices li")).to_have_count(1)
    stage.first.get_by_role("button", name="Refresh").click()
    expect(stage.first.get_by_role("dialog")).to_contain_text("You were signed out.")
    stage.first.get_by_role("button", name="Sign in again").click()
    expect(stage.second.locator(".devices li")).to_have_count(2)
    stage.second.get_by_role("button", name="Cancel account").click()
    stage.second.get_by_role("button", name="Cancel my account").click()
    expect(stage.second.get_by_text("You are not signed in")).to_be_visible()
    stage.first.get_by_role("button", name="Refresh").click()
    expect(stage.first.get_by_role("dialog")).to_be_visible()
    assert stage.sign_in(stage.second) != user


def test_each_fault_of_wechat_ends_in_a_sign_in_or_in_words(stage: Stage) -> None:
    phone = stage.first
    words = {
        "appsecret": "This is not available. Please contact support.",
        "blocked": "This is not available. Please contact support.",
    }
    for name in ("busy", "close", "lost", "down", "code", "appsecret", "blocked"):
        stage.page.locator(f"[data-fault={name}]").click()
        expect(stage.page.locator("#status")).to_contain_text("Armed")
        expect(stage.armed()).to_have_count(1)
        phone.get_by_role("button", name="Sign in with WeChat").click()
        expect(stage.armed()).to_have_count(0)
        if name in words:
            expect(phone.locator(".toast")).to_have_text(words[name])
            continue
        expect(phone.locator(".card")).to_be_visible()
        phone.get_by_role("button", name="Sign out").click()
        expect(phone.get_by_text("You are not signed in")).to_be_visible()


def test_a_phone_whose_clock_is_an_hour_ahead_is_understood(stage: Stage) -> None:
    phone = stage.first
    phone.get_by_role("button", name="Clock an hour ahead").click()
    stage.sign_in(phone)
    phone.get_by_role("button", name="Fetch phone number", exact=True).click()
    expect(phone.locator(".card .number")).to_contain_text("138****")
    expect(phone.locator(".log")).to_contain_text("REQUEST_EXPIRED · retry")


def test_a_loaded_page_knows_who_was_signed_in_and_keeps_people_apart(stage: Stage) -> None:
    alice = stage.sign_in(stage.first)
    stage.page.reload()
    expect(stage.first.locator(".card .id")).to_have_text(alice)
    stage.first.get_by_label("WeChat user").select_option("bob")
    assert stage.sign_in(stage.first) != alice


def test_no_secret_stands_in_the_calls(stage: Stage) -> None:
    stage.sign_in(stage.first)
    for details in stage.first.locator(".log details").all():
        details.evaluate("(element) => { element.open = true; }")
    shown = stage.first.locator(".log").inner_text()
    assert "Authorization: Bearer wxs_" in shown
    kept = stage.page.evaluate("Object.values(sessionStorage)")
    session = next(text for text in kept if "wxs_" in text)
    token, key = (stage.page.evaluate(f"({session}).{name}") for name in ("token", "key"))
    assert token not in shown
    assert key not in shown
    stage.site.tokens.add(token)


def play(page: Page) -> None:
    """Sign in on both phones, fetch a number on one, and have the other asked about a scan."""
    first, second = page.locator("#phone-a"), page.locator("#phone-b")
    for phone in (first, second):
        phone.locator(".sign-in").click()
        expect(phone.locator(".card .id")).not_to_be_empty()
    first.locator(".phone-new").click()
    expect(first.locator(".card .number")).to_contain_text("138")
    page.locator("#desktop .begin").click()
    picture = page.locator("#desktop .code img")
    expect(picture).to_be_visible()
    eventually(lambda: picture.evaluate("(image) => image.complete && image.naturalWidth > 100"))
    second.locator(".scan").click()
    expect(second.locator(".sheet")).to_be_visible()


def barriers(page: Page) -> list[str]:
    """What axe finds, and whether the page is wider than the window."""
    page.evaluate(AXE)
    wide = "document.documentElement.scrollWidth > window.innerWidth ? ['scrolls sideways'] : []"
    return [*page.evaluate(FIND), *page.evaluate(wide)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_bars_the_way(
    browser: Browser, site: Site, language: str, pictures: Path | None
) -> None:
    wrong = []
    for width, scheme in LOOKS[::-1]:
        context = browser.new_context(
            locale=LOCALES[language],
            color_scheme=scheme,
            viewport={"width": width, "height": 1400},
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.goto(f"{site.base}/")
        wrong += barriers(page)
        page.goto(f"{site.base}/sandbox/")
        play(page)
        wrong += barriers(page)
        if pictures and width == WIDE:
            page.evaluate("document.querySelector('.toast.shown')?.classList.remove('shown')")
            page.screenshot(path=pictures / f"phones-{language}.png")
            page.emulate_media(color_scheme="dark")
            page.screenshot(path=pictures / f"phones-{language}-dark.png")
        context.close()
    assert wrong == []
