"""An operator at a real browser: what a person would see, and what the browser complains of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    sync_playwright,
)

from tests.harness.console import Operator

# The shell has no window to paint: a page takes a third of the work that it takes in the browser.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium") or ""
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
PHONE, WIDE = 360, 1440
Scheme = Literal["dark", "light"]
Look = tuple[int, Scheme]
LOOKS: tuple[Look, ...] = ((PHONE, "dark"), (WIDE, "light"))
ALL_LOOKS: tuple[Look, ...] = (*LOOKS, (PHONE, "light"), (WIDE, "dark"))
PICTURE: ViewportSize = {"width": 1280, "height": 800}
LOW_PICTURE: ViewportSize = {"width": 1280, "height": 620}
PHONE_PICTURE: ViewportSize = {"width": 360, "height": 780}
AXE = AXE_FILE_PATH.read_text(encoding="utf-8")
FIND = """() => axe.run({resultTypes: ["violations"]}).then(({violations}) =>
    violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html}`)))"""
TELL_CSP = """document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`CSP ${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


class Desk:
    """An operator before a browser with a fresh profile; `faults` is what the browser told of."""

    def __init__(self, context: BrowserContext, operator: Operator) -> None:
        self.context = context
        self.operator = operator
        self.site = operator.site
        self.faults: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))

    @classmethod
    @contextmanager
    def of(
        cls,
        browser: Browser,
        operator: Operator,
        *,
        language: str = "en",
        width: int = WIDE,
        scripts: bool = True,
    ) -> Iterator[Desk]:
        """A desk whose window is this wide (CSS pixels), in a language, with or without scripts."""
        context = browser.new_context(
            locale=LOCALES[language],
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": 780 if width == PHONE else 900},
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.add_init_script(TELL_CSP)
        context.set_default_timeout(60_000)
        yield cls(context, operator)
        context.close()

    def sign_in(self, **fields: str) -> Desk:
        """Type name and password into the form and send it."""
        self.open("/admin/sign-in")
        self.fill(username=self.operator.name, password=self.operator.password, **fields)
        self.press("Sign in")
        return self

    def keep_cookie(self, operator: Operator) -> None:
        """Go on with the session of an operator who signed in elsewhere."""
        cookie = {"name": "wxlogin_admin", "value": operator.cookie}
        self.context.add_cookies([{**cookie, "domain": "127.0.0.1", "path": "/admin"}])

    def picture(self, path: Path, size: ViewportSize = PICTURE, scheme: Scheme = "light") -> None:
        """Keep what the page looks like, as the docs show it."""
        self.page.emulate_media(color_scheme=scheme)
        self.page.set_viewport_size(size)
        self.page.screenshot(path=path)

    def open(self, path: str, status: int = 200) -> str:
        """Load a page, which has to answer with this status; what it says."""
        answer = self.page.goto(self.site.base + path)
        assert answer
        assert answer.status == status, f"{path}: {answer.status}"
        if status >= 400:
            self.expect(status)
        self.site.answers.append(self.page.content().encode())
        return self.text()

    def expect(self, status: int) -> None:
        """Take it for right that a page answered so, which the browser tells of as a fault."""
        told = [fault for fault in self.faults if f"status of {status}" in fault]
        assert len(told) == 1, self.faults
        self.faults.remove(told[0])

    def text(self) -> str:
        """What the page's content says."""
        return self.page.locator("main").inner_text()

    def fill(self, **fields: str) -> None:
        """Type into the fields of these names."""
        for name, value in fields.items():
            self.page.fill(f"[name={name}]:visible", value)

    def press(self, label: str) -> None:
        """Press the button, or follow the link, that bears this label in the page's content."""
        main = self.page.locator("main")
        button = main.get_by_role("button", name=label, exact=True)
        link = main.get_by_role("link", name=label, exact=True)
        button.or_(link).locator("visible=true").first.click()
        self.page.wait_for_load_state()

    def notice(self) -> str:
        """The line that says what was done, or why not."""
        return self.page.locator(".notice[role]").inner_text()

    @property
    def path(self) -> str:
        """Where the browser is."""
        return self.page.url.removeprefix(self.site.base)

    def barriers(self) -> list[str]:
        """What axe finds, and whether the page is wider than the window."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        found = [f"{self.path}: {fault[:160]}" for fault in self.page.evaluate(FIND)]
        return found + self._wider_than_the_window()

    def barriers_everywhere(self, looks: tuple[Look, ...] = LOOKS) -> list[str]:
        """The barriers on a phone at night and on a wide screen by day, or in other looks."""
        wrong = []
        for look in looks:
            self._look(look)
            wrong += self.barriers()
        return wrong

    def barriers_of_words(self) -> list[str]:
        """Of a page that has been looked at in another language, what its words may break."""
        self._look(LOOKS[0])
        wrong = self._wider_than_the_window()
        self._look(LOOKS[1])
        return wrong + self.barriers()

    def _look(self, look: Look) -> None:
        width, scheme = look
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.emulate_media(color_scheme=scheme)

    def _wider_than_the_window(self) -> list[str]:
        wider = self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        return [f"{self.path}: scrolls sideways"] if wider else []

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{self.path}: {message.type}: {message.text}")
