"""WeChat refusing, hanging, talking nonsense or away: each has its code."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.sandbox import Fault

PATH = "/sns/jscode2session"
GOOD = '{"openid":"o16wA0b4AZKzgVJR3MBwoUdTfU_E","session_key":"D1ZWEygStjuLCnZ9IN2l4Q=="}'

ERRCODES = {
    -1: ("WX_UNAVAILABLE", 503),
    40029: ("CODE_INVALID", 400),
    40163: ("CODE_USED", 409),
    40226: ("WX_USER_BLOCKED", 403),
    45009: ("WX_RATE_LIMITED", 429),
    45011: ("WX_RATE_LIMITED", 429),
    **dict.fromkeys(
        (40013, 40125, 40164, 40243, 41002, 41004, 48001, 50002, 61004),
        ("WX_MISCONFIGURED", 502),
    ),
    41008: ("WX_UNAVAILABLE", 503),
    99999: ("WX_UNAVAILABLE", 503),
}

NONSENSE = {
    "a gateway's page": Fault(status=502),
    "an answer of status 500": Fault(status=500, body=GOOD),
    "not JSON": Fault(body="<html>"),
    "nothing": Fault(body=""),
    "a list": Fault(body=f"[{GOOD}]"),
    "not UTF-8": Fault(body=b'{"openid":"\xff"}'),
    "over 64 KiB": Fault(body=GOOD, size=65_537),
    "no openid": Fault(body='{"session_key":"D1ZWEygStjuLCnZ9IN2l4Q=="}'),
    "no session_key": Fault(body='{"openid":"o16wA0b4AZKzgVJR3MBwoUdTfU_E"}'),
    "half a character": Fault(body=GOOD.replace("o16w", "\\ud800")),
    "an endless errcode": Fault(body='{"errcode":1e999}'),
    "a redirect": Fault(status=302, body=GOOD),
    "a closed connection": Fault(close=True),
    "a connection closed after the work": Fault(close=True, after=True),
}


@pytest.mark.parametrize(("errcode", "refusal"), ERRCODES.items(), ids=map(str, ERRCODES))
def test_each_errcode_has_its_code(site: Site, errcode: int, refusal: tuple[str, int]) -> None:
    site.sandbox.faults.queue(PATH, Fault(errcode=errcode, errmsg="WeChat's own words"))
    answer = Phone(site).try_login()
    assert (site.problem(answer), answer.status_code) == refusal
    assert "WeChat's own words" not in answer.text
    assert ("Retry-After" in answer.headers) == (answer.status_code in {429, 503})


@pytest.mark.parametrize("fault", NONSENSE.values(), ids=NONSENSE.keys())
def test_what_is_no_answer_is_wechat_being_unavailable(site: Site, fault: Fault) -> None:
    phone = Phone(site)
    code = phone.code()
    site.sandbox.faults.queue(PATH, fault)
    assert site.problem(phone.try_login(code=code)) == "WX_UNAVAILABLE"
    assert site.problem(phone.try_login(code=code)) == "CODE_USED"
    assert site.sandbox.world.calls[PATH] == 1
    phone.login()


def test_an_answer_of_64_kib_and_of_any_content_type_signs_in(site: Site) -> None:
    site.secrets |= {"o16wA0b4AZKzgVJR3MBwoUdTfU_E", "D1ZWEygStjuLCnZ9IN2l4Q=="}
    site.sandbox.faults.queue(PATH, Fault(body=GOOD, size=65_536, content_type="image/png"))
    phone = Phone(site)
    phone.login()
    assert phone.refusal() == ""


@pytest.mark.settings(WXLOGIN_WX_TIMEOUT="5,1")
@pytest.mark.parametrize("after", [False, True])
def test_a_wechat_that_hangs_is_given_up_and_its_code_too(site: Site, *, after: bool) -> None:
    phone = Phone(site)
    code = phone.code()
    site.sandbox.faults.queue(PATH, Fault(delay=60, after=after))
    assert site.problem(phone.try_login(code=code)) == "WX_UNAVAILABLE"
    site.sandbox.faults.clear()
    assert site.problem(phone.try_login(code=code)) == "CODE_USED"
    phone.login()


def test_a_code_that_was_never_sent_is_good_when_wechat_is_back(site: Site) -> None:
    phone = Phone(site)
    code = phone.code()
    site.sandbox.stop()
    for _ in range(2):
        assert site.problem(phone.try_login(code=code)) == "WX_UNAVAILABLE"
    site.sandbox.start()
    phone.login(code=code)
    assert site.sandbox.world.calls[PATH] == 1


def test_who_is_signed_in_does_not_need_wechat(site: Site, phone: Phone) -> None:
    phone.login()
    site.sandbox.stop()
    assert phone.refusal() == ""
    assert phone.logout() == 1
    site.sandbox.start()


def test_a_session_key_that_wechat_did_not_give_leaves_the_kept_one(
    site: Site, phone: Phone, clock: Callable[[], float]
) -> None:
    phone.login()
    site.sandbox.faults.queue(PATH, Fault(errcode=-1))
    answer = phone.ask("POST", "/v1/session/key", json={"code": phone.code()})
    assert site.problem(answer) == "WX_UNAVAILABLE"
    assert phone.ask("GET", "/v1/session").json()["session_key"]["fresh"] is True
