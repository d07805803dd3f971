"""Passkeys at the console, with Chromium's virtual authenticator."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.browser import Desk

Sit = Callable[..., Desk]
OPTIONS = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def desk(sit: Sit) -> Desk:
    """An owner at a browser with an authenticator; passkeys are for names, not for addresses."""
    owner = sit()
    owner.site.base = owner.site.base.replace("127.0.0.1", "localhost")
    devtools = owner.context.new_cdp_session(owner.page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": OPTIONS})
    return owner.sign_in()


def add(desk: Desk) -> None:
    """Register a passkey from the account's page."""
    desk.open("/admin/account")
    desk.press("Add a passkey")
    assert desk.barriers_everywhere() == []
    desk.fill(name="my laptop")
    desk.press("Create passkey")
    desk.page.wait_for_selector(".codes code")
    desk.site.tokens |= set(desk.page.locator(".codes code").all_inner_texts())
    desk.press("I have saved them")


def sign_out(desk: Desk) -> None:
    """Leave the console."""
    desk.page.get_by_role("button", name="Sign out").locator("visible=true").click()
    desk.page.wait_for_url("**/admin/sign-in")


def test_a_passkey_is_added_signs_in_and_is_removed(desk: Desk) -> None:
    add(desk)
    assert "my laptop" in desk.text()
    assert desk.barriers_everywhere() == []
    sign_out(desk)
    desk.fill(username=desk.operator.name, password=desk.operator.password)
    desk.press("Sign in with a passkey")
    desk.page.wait_for_url("**/admin/")
    desk.open("/admin/account")
    desk.press("Remove")
    desk.press("Remove the passkey")
    assert "is removed" in desk.notice()
    sign_out(desk)
    assert desk.sign_in().path == "/admin/"


def test_the_password_is_confirmed_with_a_passkey(desk: Desk) -> None:
    add(desk)
    desk.site.clock.forward(600)
    desk.open("/admin/tokens/new")
    assert desk.path.startswith("/admin/account/confirm")
    desk.fill(password=desk.operator.password)
    desk.press("Continue with a passkey")
    desk.page.wait_for_url("**/admin/tokens/new")
