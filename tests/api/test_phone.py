"""The phone number, by its code or from encrypted data: answered, and kept sealed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.sql import UserRow
from wxlogin.sandbox import Fault

PATH = "/v1/decrypt/phone"
NUMBER = "/wxa/business/getuserphonenumber"
CHECK = "/v1/session/check"


@pytest.fixture(autouse=True)
def number(site: Site, phone: Phone) -> dict[str, str]:
    """Alice, signed in: her number as WeChat words it; it may stand in answers, in no store."""
    phone.login()
    told = site.sandbox.world.phone_fields("alice")
    site.tokens.add(told["purePhoneNumber"])
    return told


def phone_code(site: Site, user: str = "alice") -> str:
    """What the phone button gives."""
    code = site.sandbox.world.phone_code(user)
    site.secrets.add(code)
    return code


def refusal(phone: Phone, **body: Any) -> tuple[str, str]:
    """The code and action with which a body is refused."""
    answer = phone.ask("POST", PATH, json=body)
    return phone.site.problem(answer), answer.json()["action"]


def both_ways(site: Site) -> list[dict[str, str]]:
    """The two bodies that the button can lead to."""
    return [{"code": phone_code(site)}, site.sandbox.world.phone("alice")]


# Both ways


def test_both_ways_answer_the_number_alone(
    site: Site, phone: Phone, number: dict[str, str]
) -> None:
    for body in both_ways(site):
        answer = phone.ask("POST", PATH, json=body)
        assert answer.json() == {"phone": number}
        assert answer.headers["Cache-Control"] == "no-store"
    assert site.sandbox.world.calls[NUMBER] == 1


@pytest.mark.parametrize("way", [0, 1])
def test_the_number_is_kept_sealed_with_a_blind_index(
    site: Site, phone: Phone, number: dict[str, str], way: int
) -> None:
    row = UserRow(site, phone.user_id)
    assert row.column("phone_sealed") is None
    assert phone.ask("POST", PATH, json=both_ways(site)[way]).status_code == 200
    assert row.opened("phone_sealed") == number
    assert row.is_indexed("phone_index", f"+86{number['purePhoneNumber']}", "phone")


def test_one_number_has_one_index_whoever_has_it(site: Site, phone: Phone) -> None:
    bob, other = Phone(site, "bob"), Phone(site, "carol")
    for each in (bob, other):
        each.login()
    shared = {"phoneNumber": "+4915112345678", "purePhoneNumber": "15112345678"}
    for each, country in ((phone, "49"), (bob, "49"), (other, "86")):
        data = {**shared, "countryCode": country}
        body = site.sandbox.world.encrypt(each.user, data)
        assert each.ask("POST", PATH, json=body).json() == {"phone": data}
    rows = [UserRow(site, each.user_id).column("phone_index") for each in (phone, bob, other)]
    assert rows[0] == rows[1] != rows[2]


# By code


def test_a_phone_code_is_good_once_and_wechat_is_not_asked_again(site: Site, phone: Phone) -> None:
    code = phone_code(site)
    assert phone.ask("POST", PATH, json={"code": code}).status_code == 200
    assert refusal(phone, code=code) == ("CODE_USED", "reauthorize")
    assert site.sandbox.world.calls[NUMBER] == 1


def test_six_parallel_requests_with_one_code_ask_wechat_once(site: Site, phone: Phone) -> None:
    body = {"code": phone_code(site)}
    answers = together([lambda: phone.ask("POST", PATH, json=body)] * 6)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    assert site.sandbox.world.calls[NUMBER] == 1


def test_a_phone_code_needs_no_session_key(
    site: Site, phone: Phone, number: dict[str, str]
) -> None:
    site.clock.forward(7200)
    answer = phone.ask("POST", PATH, json={"code": phone_code(site)})
    assert answer.json() == {"phone": number}


def test_an_unknown_phone_code_is_invalid(phone: Phone) -> None:
    assert refusal(phone, code="0" * 64) == ("CODE_INVALID", "reauthorize")


def test_an_old_phone_code_is_invalid(site: Site, phone: Phone) -> None:
    code = phone_code(site)
    site.clock.forward(301)
    assert refusal(phone, code=code) == ("CODE_INVALID", "reauthorize")


def test_a_phone_code_of_another_user_is_invalid(site: Site, phone: Phone) -> None:
    site.tokens.add(site.sandbox.world.phone_fields("bob")["purePhoneNumber"])
    answer = phone.ask("POST", PATH, json={"code": phone_code(site, "bob")})
    assert site.problem(answer) == "CODE_INVALID"
    assert UserRow(site, phone.user_id).column("phone_sealed") is None


def test_a_login_code_sent_here_is_still_good_for_a_login(phone: Phone) -> None:
    code = phone.code()
    assert refusal(phone, code=code) == ("CODE_INVALID", "reauthorize")
    phone.login(code=code)


def test_a_phone_code_sent_to_the_login_is_still_good_here(
    site: Site, phone: Phone, number: dict[str, str]
) -> None:
    code = phone_code(site)
    assert site.problem(phone.try_login(code=code)) == "CODE_INVALID"
    assert phone.ask("POST", PATH, json={"code": code}).json() == {"phone": number}


def test_a_refusal_tells_the_user_to_press_the_button(phone: Phone) -> None:
    detail = phone.ask("POST", PATH, json={"code": "0" * 64}).json()["detail"]
    assert "button" in detail
    assert "wx.login" not in detail


# What WeChat tells


ANSWERS = {
    "of another app": {"watermark": {"timestamp": 1, "appid": "wxfedcba9876543210"}},
    "without a watermark": {"watermark": None},
    "without a country": {"countryCode": None},
}


@pytest.mark.parametrize("change", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_number_that_is_not_in_order_is_refused(
    site: Site, phone: Phone, number: dict[str, str], change: dict[str, Any]
) -> None:
    mark = site.sandbox.world.watermark("wx0123456789abcdef")
    info = {**number, "watermark": mark, **change}
    body = json.dumps({"errcode": 0, "errmsg": "ok", "phone_info": info})
    site.sandbox.faults.queue(NUMBER, Fault(body=body))
    assert phone.ask("POST", PATH, json={"code": phone_code(site)}).status_code in (422, 503)
    assert UserRow(site, phone.user_id).column("phone_sealed") is None


def test_a_country_code_may_come_as_a_number(
    site: Site, phone: Phone, number: dict[str, str]
) -> None:
    mark = site.sandbox.world.watermark("wx0123456789abcdef")
    info = {**number, "countryCode": 86, "watermark": mark}
    body = json.dumps({"errcode": 0, "errmsg": "ok", "phone_info": info})
    site.sandbox.faults.queue(NUMBER, Fault(body=body))
    answer = phone.ask("POST", PATH, json={"code": phone_code(site)})
    assert answer.json() == {"phone": number}


# A code is never sent twice


FAULTS = {
    "is busy": Fault(errcode=-1),
    "fails": Fault(status=502),
    "hangs up": Fault(close=True),
    "hangs up after the work": Fault(close=True, after=True),
    "talks nonsense": Fault(body="<html>"),
    "tells no number": Fault(body='{"errcode":0,"errmsg":"ok"}'),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_code_that_was_sent_is_not_sent_again(site: Site, phone: Phone, fault: Fault) -> None:
    code = phone_code(site)
    site.sandbox.faults.queue(NUMBER, fault)
    assert refusal(phone, code=code) == ("WX_UNAVAILABLE", "reauthorize")
    assert refusal(phone, code=code) == ("CODE_USED", "reauthorize")
    assert site.sandbox.world.calls[NUMBER] == 1


@pytest.mark.settings(WXLOGIN_WX_TIMEOUT="5,1")
@pytest.mark.parametrize("after", [False, True])
def test_a_wechat_that_hangs_is_given_up_and_the_code_too(
    site: Site, phone: Phone, *, after: bool
) -> None:
    code = phone_code(site)
    site.sandbox.faults.queue(NUMBER, Fault(delay=60, after=after))
    assert refusal(phone, code=code)[0] == "WX_UNAVAILABLE"
    assert refusal(phone, code=code)[0] == "CODE_USED"
    assert site.sandbox.world.calls[NUMBER] == 1


@pytest.mark.parametrize("token_is_there", [False, True])
def test_a_code_that_was_never_sent_is_good_when_wechat_is_back(
    site: Site, phone: Phone, number: dict[str, str], *, token_is_there: bool
) -> None:
    if token_is_there:
        phone.ask("POST", CHECK)
    code = phone_code(site)
    site.sandbox.stop()
    assert refusal(phone, code=code) == ("WX_UNAVAILABLE", "retry")
    site.sandbox.start()
    assert phone.ask("POST", PATH, json={"code": code}).json() == {"phone": number}


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_code_refused_for_the_access_token_is_sent_with_a_fresh_one(
    site: Site, phone: Phone, number: dict[str, str], errcode: int
) -> None:
    site.sandbox.faults.queue(NUMBER, Fault(errcode=errcode))
    answer = phone.ask("POST", PATH, json={"code": phone_code(site)})
    assert answer.json() == {"phone": number}
    assert site.sandbox.world.calls[NUMBER] == 2


# Bad input


ENCRYPTED = {"encryptedData": "A" * 43 + "=", "iv": "A" * 22 + "=="}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": None},
        {"iv": ENCRYPTED["iv"]},
        {"encryptedData": ENCRYPTED["encryptedData"]},
    ],
)
def test_one_way_whole_or_the_other(site: Site, phone: Phone, body: dict[str, Any]) -> None:
    answer = phone.ask("POST", PATH, json=body)
    assert site.problem(answer) == "INVALID_REQUEST"
    (fault,) = answer.json()["errors"]
    assert fault == {
        "field": "body",
        "reason": "send code, or encryptedData and iv",
    }
    assert site.sandbox.world.calls[NUMBER] == 0


def test_an_events_detail_can_be_passed_on_unchanged(site: Site, phone: Phone) -> None:
    detail = {"errMsg": "getPhoneNumber:ok", **site.sandbox.world.phone(phone.user), "cloudID": "x"}
    detail["code"] = site.sandbox.world.phone_code(phone.user)
    assert phone.ask("POST", PATH, json=detail).status_code == 200
    assert site.sandbox.world.calls[NUMBER] == 1


@pytest.mark.parametrize("code", ["", " ", "a b", "x" * 257, "é", "a\n", 7, ["x"], {}, True])
def test_a_wrong_code_is_named(site: Site, phone: Phone, code: object) -> None:
    answer = phone.ask("POST", PATH, json={"code": code})
    assert site.problem(answer) == "INVALID_REQUEST"
    assert [fault["field"] for fault in answer.json()["errors"]] == ["code"]


@pytest.mark.parametrize("empty", [{"encryptedData": "", "iv": ""}, {"encryptedData": ""}])
def test_empty_fields_beside_a_good_code_are_absent(
    site: Site, phone: Phone, number: dict[str, str], empty: dict[str, str]
) -> None:
    answer = phone.ask("POST", PATH, json={"code": phone_code(site), **empty})
    assert answer.json() == {"phone": number}


def test_an_empty_code_beside_good_data_is_absent(
    site: Site, phone: Phone, number: dict[str, str]
) -> None:
    data = site.sandbox.world.phone("alice")
    body = {"encryptedData": data["encryptedData"], "iv": data["iv"], "code": ""}
    assert phone.ask("POST", PATH, json=body).json() == {"phone": number}


def test_an_exhausted_quota_sends_the_user_back_to_the_button(site: Site, phone: Phone) -> None:
    site.sandbox.faults.queue(NUMBER, Fault(errcode=45009))
    assert refusal(phone, code=phone_code(site)) == ("WX_RATE_LIMITED", "reauthorize")
