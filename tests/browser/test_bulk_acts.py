"""Several rows of a list at once, in a browser: ticked, counted, asked about, done."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.browser import PHONE, Desk
from tests.harness.phone import Phone
from tests.harness.site import Site

Sit = Callable[..., Desk]


@pytest.fixture
def phones(site: Site) -> list[Phone]:
    """Three people who are signed in."""
    found = [Phone(site, name) for name in ("alice", "bob", "carol")]
    for phone in found:
        phone.login()
    return found


def test_all_users_of_a_page_are_banned_after_one_question(desk: Desk, phones: list[Phone]) -> None:
    desk.open("/admin/users")
    desk.page.get_by_label("All on this page").check()
    assert "Selected: 3" in desk.text()
    desk.page.locator("[name=selected]").first.uncheck()
    assert "Selected: 2" in desk.text()
    assert desk.barriers_everywhere() == []
    desk.press("Ban")
    assert desk.page.locator("h1").inner_text() == "Ban 2 users?"
    assert desk.barriers_everywhere() == []
    desk.page.fill("[name=until]", "2020-01-01T10:00")
    desk.fill(reason="sell accounts")
    desk.press("Ban them")
    assert desk.page.input_value("[name=reason]") == "sell accounts"
    desk.page.fill("[name=until]", "")
    desk.press("Ban them")
    assert desk.notice() == "2 users are banned. 2 sessions ended."
    assert sorted(phone.refusal() for phone in phones) == ["", "USER_BANNED", "USER_BANNED"]


def test_sessions_are_selected_on_a_phone_without_scripts(sit: Sit, phones: list[Phone]) -> None:
    desk = sit(scripts=False, width=PHONE).sign_in()
    desk.open("/admin/sessions")
    for box in desk.page.locator("[name=selected]").all()[:2]:
        box.check()
    desk.press("End these sessions")
    assert desk.page.locator("h1").inner_text() == "End 2 sessions?"
    desk.press("End the sessions")
    assert desk.notice() == "2 sessions ended."
    desk.open("/admin/users")
    assert "signed out" in desk.text()
    assert len([phone for phone in phones if phone.refusal()]) == 2


@pytest.mark.settings(WXLOGIN_RULE_FAIL_IP="3/10minutes", WXLOGIN_TRUSTED_HOPS="1")
def test_open_alerts_are_acknowledged_after_one_question(desk: Desk, site: Site) -> None:
    for address in ("203.0.113.8", "203.0.113.9"):
        forged = {"Authorization": f"Bearer wxs_{'A' * 108}", "X-Forwarded-For": address}
        for _ in range(4):
            site.request("GET", "/v1/session", headers=forged)
    site.services.watch.recorder.flush()
    desk.open("/admin/alerts")
    desk.page.get_by_label("All on this page").check()
    desk.page.locator("form.selection").get_by_role("button", name="Acknowledge").click()
    assert desk.page.locator("h1").inner_text() == "Acknowledge 2 alerts?"
    assert desk.barriers_everywhere() == []
    desk.fill(note="our own test")
    desk.press("Acknowledge them")
    assert desk.notice() == "2 alerts are acknowledged."
    assert "No alert is like this." in desk.text()
    text = desk.open("/admin/alerts")
    assert text.count("our own test") == 2
    assert "Selected:" not in text
