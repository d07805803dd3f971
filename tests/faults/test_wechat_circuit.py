"""WeChat failing or hanging for longer: calls to it are few or none, and their codes stay good."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import requests

from tests.harness.clock import SettableClock
from tests.harness.crowd import together
from tests.harness.phone import CHECKSESSION, Page, Phone
from tests.harness.site import Site
from wxlogin.extensions import db
from wxlogin.sandbox import Fault
from wxlogin.wechat import access_tokens, client
from wxlogin.wechat.breaker import FAILURES, OPEN_SECONDS

LOGIN = "/sns/jscode2session"
TOKEN = "/cgi-bin/stable_token"

SILENT = {
    "closes the connection": Fault(close=True),
    "answers as a gateway": Fault(status=502),
    "talks nonsense": Fault(body="<html>"),
    "hangs": Fault(delay=30),
}


def fail_logins(site: Site, fault: Fault, times: int = FAILURES) -> None:
    """Logins at the same time, each of which meets the fault."""
    site.sandbox.faults.queue(LOGIN, fault, times=times)
    for answer in together([Phone(site).try_login] * times):
        assert site.problem(answer) == "WX_UNAVAILABLE"


def asked(site: Site, path: str = LOGIN) -> int:
    """How many calls WeChat got."""
    return site.sandbox.world.calls[path]


# The circuit


@pytest.mark.settings(WXLOGIN_WX_TIMEOUT="1,0.5")
@pytest.mark.parametrize("fault", SILENT.values(), ids=SILENT.keys())
def test_a_wechat_that_keeps_failing_is_left_alone_for_a_while(
    site: Site, phone: Phone, clock: SettableClock, fault: Fault
) -> None:
    fail_logins(site, fault)
    code, before = phone.code(), asked(site)
    answer = phone.try_login(code=code)
    assert site.problem(answer) == "WX_UNAVAILABLE"
    assert answer.headers["Retry-After"] == str(int(OPEN_SECONDS))
    assert asked(site) == before
    site.sandbox.faults.clear()
    clock.forward(OPEN_SECONDS)
    phone.login(code=code)
    Phone(site, "bob").login()


def test_a_wechat_that_is_away_is_left_alone_and_found_again(
    site: Site, phone: Phone, clock: SettableClock
) -> None:
    code = phone.code()
    site.sandbox.stop()
    for _ in range(FAILURES):
        assert site.problem(phone.try_login(code=code)) == "WX_UNAVAILABLE"
    site.sandbox.start()
    assert site.problem(phone.try_login(code=code)) == "WX_UNAVAILABLE"
    assert asked(site) == 0
    clock.forward(OPEN_SECONDS)
    phone.login(code=code)


def test_a_trial_that_fails_leaves_wechat_alone_for_as_long_again(
    site: Site, phone: Phone, clock: SettableClock
) -> None:
    fail_logins(site, Fault(status=502))
    clock.forward(OPEN_SECONDS)
    fail_logins(site, Fault(status=502), times=1)
    code, before = phone.code(), asked(site)
    clock.forward(OPEN_SECONDS - 1)
    assert site.problem(phone.try_login(code=code)) == "WX_UNAVAILABLE"
    assert asked(site) == before
    clock.forward(1)
    phone.login(code=code)


@pytest.mark.parametrize("errcode", [-1, 40029, 45011, 40013, 99999])
def test_an_errcode_is_an_answer_and_opens_nothing(site: Site, phone: Phone, errcode: int) -> None:
    site.sandbox.faults.queue(LOGIN, Fault(errcode=errcode), times=FAILURES + 1)
    for _ in range(FAILURES + 1):
        site.problem(phone.try_login())
    assert asked(site) == FAILURES + 1
    phone.login()


def test_a_call_that_may_be_repeated_is_not_while_the_circuit_is_open(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page(site)
    page.login()
    page.check()  # fetches the access_token
    fail_logins(site, Fault(status=502))
    before = asked(site, CHECKSESSION)
    pauses: list[float] = []
    stopwatch = SimpleNamespace(monotonic=time.monotonic, sleep=pauses.append)
    monkeypatch.setattr(client, "time", stopwatch)
    assert site.problem(page.ask("POST", "/v1/session/check")) == "WX_UNAVAILABLE"
    assert pauses == []
    assert asked(site, CHECKSESSION) == before


def test_a_phone_code_that_the_circuit_kept_back_is_good_afterwards(
    site: Site, clock: SettableClock
) -> None:
    page = Page(site)
    page.login()
    page.check()  # fetches the access_token
    fail_logins(site, Fault(status=502))
    code = site.sandbox.world.phone_code(page.user)
    site.tokens.add(code)
    answer = page.ask("POST", "/v1/decrypt/phone", json={"code": code})
    assert site.problem(answer) == "WX_UNAVAILABLE"
    clock.forward(OPEN_SECONDS)
    assert page.ask("POST", "/v1/decrypt/phone", json={"code": code}).status_code == 200


# The bulkhead


@contextmanager
def held(
    site: Site, path: str, calls: list[Callable[[], requests.Response]]
) -> Iterator[list[Future[requests.Response]]]:
    """The calls, each hanging at WeChat to the end of the block."""
    with ThreadPoolExecutor(len(calls)) as pool, site.sandbox.faults.hold(path) as hold:
        answers = [pool.submit(call) for call in calls]
        assert all(hold.arrived() for _ in calls)
        yield answers


@pytest.mark.settings(WXLOGIN_WX_CONCURRENCY="2", WXLOGIN_WX_TIMEOUT="2,20")
def test_a_login_too_many_is_refused_and_its_code_stays_good(site: Site, phone: Phone) -> None:
    others = [Phone(site, name).try_login for name in ("bob", "carol")]
    code = phone.code()
    with held(site, LOGIN, others) as answers:
        refused = phone.try_login(code=code)
        assert site.problem(refused) == "WX_UNAVAILABLE"
        assert asked(site) == len(others)
    assert [answer.result().status_code for answer in answers] == [200, 200]
    phone.login(code=code)


@pytest.mark.settings(WXLOGIN_WX_TIMEOUT="2,20")
def test_a_login_that_waits_for_wechat_holds_no_database_connection(
    site: Site, clock: SettableClock
) -> None:
    Phone(site).login()
    clock.forward(61)  # the mini-programs are read anew
    with held(site, LOGIN, [Phone(site, name).try_login for name in ("bob", "carol")]):
        assert connections(site) == 0


@pytest.mark.settings(WXLOGIN_WX_TIMEOUT="2,20")
@pytest.mark.parametrize("path", [TOKEN, CHECKSESSION])
def test_a_check_that_waits_for_wechat_holds_no_database_connection(site: Site, path: str) -> None:
    page = Page(site)
    page.login()
    with held(site, path, [lambda: page.ask("POST", "/v1/session/check")]):
        assert connections(site) == 0


def connections(site: Site) -> int:
    """The database connections that requests hold at this moment."""
    with site.app.app_context():
        return int(db.engine.pool.checkedout())  # type: ignore[attr-defined]


@pytest.mark.settings(WXLOGIN_WX_TIMEOUT="2,20")
def test_who_would_be_one_too_many_to_wait_for_an_access_token_is_refused(
    make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_tokens, "MAX_WAITERS", 0)
    site = make_site()
    page = Page(site)
    page.login()
    with held(site, TOKEN, [lambda: page.ask("POST", "/v1/session/check")]) as answers:
        assert site.problem(page.ask("POST", "/v1/session/check")) == "WX_UNAVAILABLE"
    assert answers[0].result().json() == {"valid": True}
    assert page.check() == {"valid": True}
