"""One's own account at the console: password, second factor, recovery codes, sessions."""

from __future__ import annotations

from collections.abc import Callable

import pyotp
import pytest

from tests.browser.browser import Desk
from tests.harness.clock import SettableClock
from tests.harness.console import Operator

Sit = Callable[..., Desk]
NEW_PASSWORD = "Seven-lakes-under-quiet-snow"


def scan(desk: Desk) -> pyotp.TOTP:
    """What an authenticator app makes of the page."""
    secret = desk.page.locator(".copied code").inner_text()
    desk.site.secrets.add(secret)
    return pyotp.TOTP(secret)


def enrolled(desk: Desk, clock: SettableClock) -> tuple[pyotp.TOTP, list[str]]:
    """Set a second factor up; the app and the recovery codes."""
    desk.press("Show the QR code")
    app = scan(desk)
    desk.fill(otp=app.at(int(clock())))
    desk.press("Confirm")
    return app, codes(desk)


def codes(desk: Desk) -> list[str]:
    """The recovery codes that the page shows."""
    shown = desk.page.locator(".codes code").all_inner_texts()
    desk.site.tokens |= set(shown)
    return shown


def test_a_second_factor_is_set_up_and_asked_for(
    desk: Desk, sit: Sit, clock: SettableClock
) -> None:
    desk.open("/admin/account")
    desk.press("Set up a second factor")
    desk.press("Show the QR code")
    assert desk.page.locator(".qr svg path").count() > 0
    assert desk.barriers_everywhere() == []
    app = scan(desk)
    desk.fill(otp=app.at(int(clock())))
    desk.press("Confirm")
    assert len(codes(desk)) == 10
    assert desk.barriers_everywhere() == []
    desk.press("I have saved them")
    assert "10 recovery codes are left" in desk.text()
    other = sit(desk.operator)
    assert "is wrong" in other.sign_in().notice()
    clock.forward(30)
    assert other.sign_in(otp=app.at(int(clock()))).path == "/admin/"


def test_a_recovery_code_signs_in_once(desk: Desk, sit: Sit, clock: SettableClock) -> None:
    desk.open("/admin/account/second-factor")
    _, (code, *_) = enrolled(desk, clock)
    other = sit(desk.operator)
    assert other.sign_in(otp=code).path == "/admin/"
    assert "9 recovery codes are left" in other.open("/admin/account")
    assert "is wrong" in sit(desk.operator).sign_in(otp=code).notice()


def test_a_wrong_code_may_be_typed_again(desk: Desk, clock: SettableClock) -> None:
    desk.open("/admin/account/second-factor")
    desk.press("Show the QR code")
    app = scan(desk)
    desk.fill(otp="000000")
    desk.press("Confirm")
    assert "wrong" in desk.notice()
    desk.fill(otp=app.at(int(clock())))
    desk.press("Confirm")
    assert "Your recovery codes" in desk.text()


@pytest.mark.settings(WXLOGIN_ADMIN_REQUIRE_TOTP="on")
def test_who_must_have_a_second_factor_is_led_to_it(sit: Sit, clock: SettableClock) -> None:
    desk = sit().sign_in()
    assert desk.path == "/admin/account/second-factor"
    desk.open("/admin/apps")
    assert desk.path == "/admin/account/second-factor"
    enrolled(desk, clock)
    desk.press("I have saved them")
    assert desk.path == "/admin/account"


def test_new_recovery_codes_replace_the_old_ones(desk: Desk, clock: SettableClock) -> None:
    desk.open("/admin/account/second-factor")
    _, old = enrolled(desk, clock)
    desk.open("/admin/account/recovery-codes")
    desk.press("Generate new codes")
    new = codes(desk)
    assert len(new) == 10
    assert not set(old) & set(new)


def test_the_password_is_changed(desk: Desk, sit: Sit) -> None:
    desk.site.secrets.add(NEW_PASSWORD)
    desk.open("/admin/account")
    desk.press("Change the password")
    desk.fill(password=desk.operator.password, new_password="password1234")
    desk.press("Change the password")
    assert "easy to guess" in desk.notice()
    desk.fill(password=desk.operator.password, new_password=NEW_PASSWORD)
    desk.press("Change the password")
    assert "is changed" in desk.notice()
    desk.operator.password = NEW_PASSWORD
    assert sit(desk.operator).sign_in().path == "/admin/"


def test_the_spaces_of_a_password_count(desk: Desk, sit: Sit) -> None:
    spaced = f" {NEW_PASSWORD} "
    desk.site.secrets.add(NEW_PASSWORD)
    desk.open("/admin/account")
    desk.press("Change the password")
    desk.fill(password=desk.operator.password, new_password=spaced)
    desk.press("Change the password")
    desk.operator.password = spaced
    assert sit(desk.operator).sign_in().path == "/admin/"


def test_another_sign_in_of_mine_is_ended(desk: Desk) -> None:
    other = Operator.__new__(Operator)
    other.__dict__.update(desk.operator.__dict__)
    other.sign_in()
    desk.open("/admin/account")
    desk.press("End")
    desk.press("End the sign-in")
    assert desk.notice() == "1 sign-in ended."
    assert other.refusal("GET", "/me") == "SESSION_EXPIRED"
