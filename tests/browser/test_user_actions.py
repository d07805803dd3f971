"""What an operator does to a user at the console: each act asks once, and says what it did."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.admin.people import OTHER, signed_in, two_apps
from tests.browser.browser import Desk
from tests.harness.clock import SettableClock
from tests.harness.phone import Phone
from tests.harness.site import Site

Sit = Callable[..., Desk]


@pytest.fixture
def alice(phone: Phone) -> Phone:
    """Alice, signed in on one device."""
    phone.login(platform="ios", device_name="Alice's iPhone")
    return phone


def act(desk: Desk, user: Phone, *labels: str, **fields: str) -> str:
    """Press through an act, from the user's page on; the notice at its end."""
    desk.open(f"/admin/users/{user.user_id}")
    first, last = labels if len(labels) == 2 else (labels[0], labels[0])
    desk.press(first)
    assert user.user_id in desk.page.locator("h1").inner_text()
    desk.fill(**fields)
    desk.press(last)
    return desk.notice()


def test_the_sessions_of_a_user_end_when_confirmed_and_not_before(desk: Desk, alice: Phone) -> None:
    desk.open(f"/admin/users/{alice.user_id}/kick")
    assert alice.refusal() == ""
    desk.press("Cancel")
    assert alice.refusal() == ""
    assert act(desk, alice, "Sign out everywhere") == "1 session ended."
    assert alice.refusal() == "SESSION_REVOKED"
    assert "Not signed in on any device" in desk.text()


def test_one_session_ends_from_the_list(desk: Desk, alice: Phone) -> None:
    desk.open("/admin/sessions")
    assert "Alice's iPhone" in desk.text()
    desk.press("Sign out this device")
    assert alice.user_id in desk.text()
    desk.press("End the session")
    assert desk.notice() == "The session has ended."
    assert alice.refusal() == "SESSION_REVOKED"


def test_a_ban_holds_until_it_is_lifted(desk: Desk, alice: Phone) -> None:
    said = act(desk, alice, "Ban", "Ban the user", reason="sells accounts")
    assert said == f"User {alice.user_id} is banned."
    assert "sells accounts" in desk.text()
    assert "Banned until" in desk.text()
    assert alice.refusal() == "USER_BANNED"
    act(desk, alice, "Lift the ban")
    assert alice.try_login().ok


def test_a_ban_without_an_end_says_so(desk: Desk, alice: Phone) -> None:
    desk.open(f"/admin/users/{alice.user_id}/ban")
    desk.page.select_option("[name=lasts]", label="without an end")
    desk.fill(reason="sells accounts")
    desk.press("Ban the user")
    assert "Banned without an end" in desk.text()


def test_a_user_is_unlinked_from_their_person_and_joined_again(
    desk: Desk, site: Site, alice: Phone
) -> None:
    two_apps(site)
    signed_in(site)
    elsewhere = signed_in(site, appid=OTHER)
    said = act(desk, elsewhere, "Unlink", reason="the number went to somebody else")
    assert said == f"User {elsewhere.user_id} has a person of their own."
    assert "nothing joins this user with others" in desk.text()
    assert alice.user_id not in desk.text()
    said = act(desk, elsewhere, "Let them be joined")
    assert said == f"User {elsewhere.user_id} can be joined again."
    signed_in(site, appid=OTHER)
    assert alice.user_id in desk.open(f"/admin/users/{elsewhere.user_id}")


def test_what_is_masked_is_shown_for_a_reason(desk: Desk, alice: Phone, site: Site) -> None:
    openid = site.sandbox.world.openid("alice")
    assert openid not in desk.open(f"/admin/users/{alice.user_id}")
    desk.press("Show openid and phone")
    desk.fill(reason="asked by the customer service")
    desk.press("Show them")
    assert openid in desk.text()
    assert desk.barriers_everywhere() == []
    assert "asked by the customer service" in desk.open("/admin/audit")


def test_back_leads_from_a_user_who_was_found_to_the_list_of_users(
    desk: Desk, alice: Phone, site: Site
) -> None:
    """The page of users has no search of its own, whose answer Back could not show again."""
    desk.open("/admin/users")
    assert desk.page.locator("main form[method=post]:not([data-file], .selection)").count() == 0
    desk.page.fill("#find-box", site.sandbox.world.openid("alice"))
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url(f"**/admin/users/{alice.user_id}")
    desk.page.go_back()
    assert desk.path == "/admin/users"
    assert alice.user_id in desk.text()


def test_the_export_is_a_file_with_all_of_the_person(
    desk: Desk, alice: Phone, site: Site, tmp_path: Path
) -> None:
    desk.open(f"/admin/users/{alice.user_id}/export")
    with desk.page.expect_download() as download:
        desk.page.get_by_role("button", name="Download the file").click()
    download.value.save_as(tmp_path / "export.json")
    told = json.loads((tmp_path / "export.json").read_text())
    assert told["user"]["openid"] == site.sandbox.world.openid("alice")
    (tmp_path / "export.json").unlink()


def test_a_session_key_is_reset(desk: Desk, alice: Phone, site: Site) -> None:
    said = act(desk, alice, "Reset session_key", "Reset the session_key")
    assert said.startswith("WeChat has replaced the session_key")
    site.guard("alice")


def test_an_erased_user_is_gone(desk: Desk, alice: Phone) -> None:
    said = act(desk, alice, "Erase", "Erase the user")
    assert said == f"User {alice.user_id} is erased."
    desk.open(f"/admin/users/{alice.user_id}", status=404)


def test_what_is_grave_asks_for_the_password_again(
    desk: Desk, alice: Phone, clock: SettableClock
) -> None:
    clock.forward(301)
    desk.open(f"/admin/users/{alice.user_id}")
    desk.press("Erase")
    assert "Confirm that it is you" in desk.text()
    desk.fill(password="not the password")
    desk.press("Continue")
    assert "is wrong" in desk.notice()
    desk.fill(password=desk.operator.password)
    desk.press("Continue")
    assert f"Erase user {alice.user_id}?" in desk.text()


def test_a_confirmation_that_came_too_late_is_asked_for_again(
    desk: Desk, alice: Phone, clock: SettableClock
) -> None:
    desk.open(f"/admin/users/{alice.user_id}/erase")
    clock.forward(301)
    desk.press("Erase the user")
    desk.fill(password=desk.operator.password)
    desk.press("Continue")
    assert desk.path == f"/admin/users/{alice.user_id}/erase"
    assert alice.refusal() == ""


def test_a_viewer_sees_no_buttons_and_is_refused_anyway(sit: Sit, alice: Phone) -> None:
    desk = sit("viewer").sign_in()
    said = desk.open(f"/admin/users/{alice.user_id}")
    assert "Alice's iPhone" in said
    assert desk.page.locator("main").get_by_role("link", name="Ban").count() == 0
    assert "Audit" not in desk.page.locator("nav").first.inner_text()
    assert "role does not allow" in desk.open(f"/admin/users/{alice.user_id}/ban", status=403)


def test_an_act_takes_nothing_but_the_keyboard(desk: Desk, alice: Phone) -> None:
    desk.open(f"/admin/users/{alice.user_id}/kick")
    desk.page.locator("main").get_by_role("button", name="Sign out everywhere").focus()
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url(f"**/users/{alice.user_id}")
    assert desk.notice() == "1 session ended."
