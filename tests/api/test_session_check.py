"""WeChat's word on the kept session_key, and its replacement on request."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.harness.phone import CHECKSESSION, Page
from tests.harness.site import APPID, Site
from wxlogin.error_mapping import entry_of
from wxlogin.sandbox import Fault
from wxlogin.service_error import ServiceError

CHECK = "/v1/session/check"
RESET = "/wxa/resetusersessionkey"

Reset = Callable[[], int | str]


@pytest.fixture
def page(site: Site) -> Page:
    """Alice's page, signed in."""
    page = Page(site)
    page.login()
    return page


@pytest.fixture
def reset(site: Site, page: Page) -> Reset:
    """Resets Alice's key: its life in seconds, or the code of the refusal."""

    def reset() -> int | str:
        user_keys = site.app.extensions["wxlogin"].accounts.user_keys
        with site.app.app_context():
            try:
                return int(user_keys.reset(page.user_id, APPID))
            except ServiceError as error:
                return entry_of(error).code
            finally:
                site.guard("alice")

    return reset


# Checking


def test_a_key_that_holds_is_valid(page: Page) -> None:
    assert page.check() == {"valid": True}
    assert page.key_state()["fresh"] is True


@pytest.mark.parametrize("ended", ["rotate_session_key", "expire_session_key"])
def test_a_key_that_does_not_hold_is_not_valid(site: Site, page: Page, ended: str) -> None:
    getattr(site.sandbox.world, ended)("alice")
    assert page.check() == {"valid": False}
    assert page.key_state()["fresh"] is False
    page.renew()
    assert page.check() == {"valid": True}


def test_without_a_kept_key_nothing_is_valid_and_wechat_is_not_asked(
    site: Site, page: Page
) -> None:
    site.clock.forward(7200)
    assert page.check() == {"valid": False}
    assert site.sandbox.world.calls[CHECKSESSION] == 0


def test_a_check_that_wechat_does_not_answer_says_so(site: Site, page: Page) -> None:
    site.sandbox.stop()
    assert site.problem(page.ask("POST", CHECK)) == "WX_UNAVAILABLE"
    assert page.key_state()["fresh"] is True


def test_a_check_that_wechat_limits_says_so(site: Site, page: Page) -> None:
    site.sandbox.faults.queue(CHECKSESSION, Fault(errcode=45011))
    assert site.problem(page.ask("POST", CHECK)) == "WX_RATE_LIMITED"
    assert page.key_state()["fresh"] is True


def test_a_check_wants_a_token(site: Site) -> None:
    assert site.problem(site.request("POST", CHECK)) == "TOKEN_MISSING"


# Resetting


def test_a_reset_keeps_the_newest_key(page: Page, reset: Reset) -> None:
    assert reset() == 7200
    assert page.outcome(page.data()) == ""
    assert page.check() == {"valid": True}


def test_a_reset_ends_the_old_key_at_once(page: Page, reset: Reset) -> None:
    data = page.data()
    reset()
    assert page.outcome(data) == "DATA_INVALID"


def test_a_key_that_holds_no_more_is_not_reset(page: Page, reset: Reset) -> None:
    page.rotate()
    assert reset() == "SESSION_KEY_EXPIRED"
    assert page.key_state()["fresh"] is False


def test_without_a_kept_key_there_is_nothing_to_reset(site: Site, reset: Reset) -> None:
    site.clock.forward(7200)
    assert reset() == "SESSION_KEY_EXPIRED"
    assert site.sandbox.world.calls[RESET] == 0


FAULTS = {
    "is busy": (Fault(errcode=-1), "WX_UNAVAILABLE"),
    "limits": (Fault(errcode=45011), "WX_RATE_LIMITED"),
    "fails": (Fault(status=502), "WX_UNAVAILABLE"),
    "hangs up": (Fault(close=True), "WX_UNAVAILABLE"),
    "hangs up after the work": (Fault(close=True, after=True), "WX_UNAVAILABLE"),
}


@pytest.mark.parametrize(("fault", "code"), FAULTS.values(), ids=FAULTS.keys())
def test_a_reset_is_sent_once_whatever_happens(
    site: Site, reset: Reset, fault: Fault, code: str
) -> None:
    site.sandbox.faults.queue(RESET, fault)
    assert reset() == code
    assert site.sandbox.world.calls[RESET] == 1


def test_a_reset_whose_answer_was_lost_leads_to_a_login(
    site: Site, page: Page, reset: Reset
) -> None:
    site.sandbox.faults.queue(RESET, Fault(close=True, after=True))
    reset()
    data = page.data()
    assert page.outcome(data) == "SESSION_KEY_EXPIRED"
    page.renew()
    assert page.outcome(data) == ""
