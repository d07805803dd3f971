"""The console works where no script runs."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.browser import Desk
from tests.harness.phone import Phone

Sit = Callable[..., Desk]


def test_an_operator_works_without_scripts(sit: Sit, phone: Phone) -> None:
    phone.login()
    desk = sit(scripts=False).sign_in()
    assert "UTC" in desk.open("/admin/sessions")
    desk.press(phone.user_id)
    desk.press("Sign out everywhere")
    desk.press("Sign out everywhere")
    assert desk.notice() == "1 session ended."
    assert phone.refusal() == "SESSION_REVOKED"


def test_the_menu_of_a_phone_opens_without_scripts(sit: Sit) -> None:
    desk = sit(scripts=False, width=360).sign_in()
    desk.page.locator("summary", has_text="Menu").click()
    desk.page.locator("header.top").get_by_role("link", name="Audit").click()
    assert desk.path == "/admin/audit"
