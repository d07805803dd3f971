"""The access_token: one for everybody, sealed, renewed where WeChat refuses it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.harness.crowd import together
from tests.harness.phone import CHECKSESSION, Page
from tests.harness.site import APPID, Site
from wxlogin.sandbox import Fault

CHECK = "/v1/session/check"
TOKEN = "/cgi-bin/stable_token"
PLACE = f"wxl:1:access-token:{APPID}"


@pytest.fixture
def page(site: Site) -> Page:
    """Alice's page, signed in."""
    page = Page(site)
    page.login()
    return page


def token(site: Site) -> str:
    """The app's access_token at WeChat; it may stand nowhere."""
    world = site.sandbox.world
    with world.lock:
        value = world.tokens.stable(APPID, site.clock(), force=False).value
    site.secrets.add(value)
    return value


def test_twenty_parallel_checks_fetch_one_token(site: Site, page: Page) -> None:
    answers = together([page.check] * 20)
    assert answers == [{"valid": True}] * 20
    assert site.sandbox.world.calls[TOKEN] == 1
    assert site.sandbox.world.calls[CHECKSESSION] == 20


def test_the_token_lies_sealed_and_for_its_life(site: Site, page: Page) -> None:
    page.check()
    token(site)
    assert 0 < site.redis.pttl(PLACE) <= 7_200_000
    assert set(site.redis.hgetall(PLACE)) == {"token", "until", "digest"}
    assert site.leaks() == []


def test_a_second_server_on_the_same_stores_needs_no_second_token(
    site: Site, page: Page, make_site: Callable[..., Site]
) -> None:
    page.check()
    page.site = make_site(WXLOGIN_WX_API_BASE=site.sandbox.base)
    assert page.check() == {"valid": True}
    assert site.sandbox.world.calls[TOKEN] == 1


def test_a_token_that_was_killed_is_fetched_anew_and_the_call_succeeds(
    site: Site, page: Page
) -> None:
    page.check()
    before = token(site)
    site.sandbox.world.invalidate_access_tokens()
    assert page.check() == {"valid": True}
    assert token(site) != before
    assert site.sandbox.world.calls[TOKEN] == 2
    assert site.sandbox.world.calls[CHECKSESSION] == 3


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_each_refusal_of_a_token_leads_to_one_more_try(
    site: Site, page: Page, errcode: int
) -> None:
    site.sandbox.faults.queue(CHECKSESSION, Fault(errcode=errcode))
    assert page.check() == {"valid": True}
    assert site.sandbox.world.calls[TOKEN] == 2
    assert site.sandbox.world.calls[CHECKSESSION] == 2


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_second_refusal_in_a_row_is_ours_to_mend(site: Site, page: Page, errcode: int) -> None:
    site.sandbox.faults.queue(CHECKSESSION, Fault(errcode=errcode), times=2)
    answer = page.ask("POST", CHECK)
    assert site.problem(answer) == "WX_MISCONFIGURED"
    assert answer.json()["action"] == "contact"
    assert site.sandbox.world.calls[CHECKSESSION] == 2
    assert page.key_state()["fresh"] is True


@pytest.mark.parametrize(
    ("errcode", "code"),
    [
        (40001, "WX_MISCONFIGURED"),
        (40125, "WX_MISCONFIGURED"),
        (40164, "WX_MISCONFIGURED"),
        (40243, "WX_MISCONFIGURED"),
        (45009, "WX_RATE_LIMITED"),
    ],
)
def test_a_token_that_is_refused_has_the_refusal_s_code(
    site: Site, page: Page, errcode: int, code: str
) -> None:
    site.sandbox.faults.queue(TOKEN, Fault(errcode=errcode))
    assert site.problem(page.ask("POST", CHECK)) == code
    assert site.sandbox.world.calls[TOKEN] == 1
    assert site.sandbox.world.calls[CHECKSESSION] == 0


NO_TOKENS = {
    "none": "{}",
    "an empty one": '{"access_token":"","expires_in":7200}',
    "a number": '{"access_token":7,"expires_in":7200}',
    "an endless one": f'{{"access_token":"{"x" * 513}","expires_in":7200}}',
    "one without an end": '{"access_token":"10_x"}',
    "one that has ended": '{"access_token":"10_x","expires_in":0}',
    "one for ever": '{"access_token":"10_x","expires_in":1e9}',
}


@pytest.mark.parametrize("body", NO_TOKENS.values(), ids=NO_TOKENS.keys())
def test_an_answer_without_a_token_in_order_is_not_kept(site: Site, page: Page, body: str) -> None:
    site.sandbox.faults.queue(TOKEN, Fault(body=body))
    assert site.problem(page.ask("POST", CHECK)) == "WX_UNAVAILABLE"
    assert not site.redis.exists(PLACE)


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_login_that_is_refused_so_is_no_fault_inside(site: Site, errcode: int) -> None:
    """A login carries no access_token; WeChat uses 40001 for a wrong AppSecret as well."""
    site.sandbox.faults.queue("/sns/jscode2session", Fault(errcode=errcode))
    assert site.problem(Page(site).try_login()) == "WX_MISCONFIGURED"
