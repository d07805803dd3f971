"""What is asked of WeChat again: what has no effect, twice more at most and for a while."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.harness.phone import CHECKSESSION, Page
from tests.harness.site import Site
from wxlogin.sandbox import Fault
from wxlogin.wechat import Transport, client

CHECK = "/v1/session/check"
TOKEN = "/cgi-bin/stable_token"

PASSING = {
    "busy": Fault(errcode=-1),
    "a gateway's fault": Fault(status=502),
    "an overload": Fault(status=503, body='{"errcode":0}'),
    "a closed connection": Fault(close=True),
    "a connection closed after the work": Fault(close=True, after=True),
    "nonsense": Fault(body="<html>"),
}
each_passing = pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
each_call = pytest.mark.parametrize("path", [CHECKSESSION, TOKEN])


@pytest.fixture
def page(site: Site) -> Page:
    """Alice's page, signed in."""
    page = Page(site)
    page.login()
    return page


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits between two tries are left out; how many tries there are is not."""
    monkeypatch.setattr(client, "JITTER_SECONDS", (0.0, 0.0))


@each_passing
@each_call
def test_two_faults_that_pass_are_not_noticed(
    site: Site, page: Page, hurried: None, path: str, fault: Fault
) -> None:
    site.sandbox.faults.queue(path, fault, times=2)
    assert page.check() == {"valid": True}
    assert site.sandbox.world.calls[path] == 3


@each_passing
@each_call
def test_after_three_faults_wechat_is_unavailable(
    site: Site, page: Page, hurried: None, path: str, fault: Fault
) -> None:
    site.sandbox.faults.queue(path, fault, times=3)
    assert site.problem(page.ask("POST", CHECK)) == "WX_UNAVAILABLE"
    assert site.sandbox.world.calls[path] == 3


@pytest.mark.parametrize("errcode", [45009, 45011, 40013, 40003, 87008, 99999])
def test_a_refusal_is_not_asked_again(site: Site, page: Page, errcode: int) -> None:
    site.sandbox.faults.queue(CHECKSESSION, Fault(errcode=errcode))
    site.problem(page.ask("POST", CHECK))
    assert site.sandbox.world.calls[CHECKSESSION] == 1


@each_passing
def test_a_login_code_is_sent_once(site: Site, page: Page, fault: Fault) -> None:
    site.sandbox.faults.queue("/sns/jscode2session", fault)
    assert site.problem(page.renew()) == "WX_UNAVAILABLE"
    assert site.sandbox.world.calls["/sns/jscode2session"] == 2


def test_all_tries_together_end_with_the_callers_time(
    site: Site, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.check()  # fetches the access_token
    before = site.sandbox.world.calls[CHECKSESSION]
    left, passed, call = [], [0.0], Transport.call

    def slow_call(transport: Transport, *given: Any, timeout: float, **named: Any) -> Any:
        left.append(timeout)
        passed[0] += 4.0
        return call(transport, *given, timeout=timeout, **named)

    stopwatch = SimpleNamespace(monotonic=lambda: passed[0], sleep=lambda _seconds: None)
    monkeypatch.setattr(client, "time", stopwatch)
    monkeypatch.setattr(Transport, "call", slow_call)
    site.sandbox.faults.queue(CHECKSESSION, Fault(status=502), times=3)
    assert site.problem(page.ask("POST", CHECK)) == "WX_UNAVAILABLE"
    assert left == [client.BUDGET_SECONDS, client.BUDGET_SECONDS - 4.0]
    assert site.sandbox.world.calls[CHECKSESSION] == before + 2


def test_tries_are_apart_by_a_random_moment() -> None:
    least, most = client.JITTER_SECONDS
    assert 0 < least < most < 1
