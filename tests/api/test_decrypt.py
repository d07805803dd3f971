"""Open data: what opens, what is refused and how, and what never leaves."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from wxlogin.sandbox import Fault
from wxlogin.sandbox.opendata import encrypted
from wxlogin.sandbox.wire import encoded
from wxlogin.wechat import client

PATH = "/v1/decrypt"
CHECK = "/wxa/checksession"
OTHER_APPID = "wxfedcba9876543210"
SHARED = {"openGId": "tGDKhM5UF0H8J6TGG_Wh2Z4DTSsnA"}
GOOD = {
    "encryptedData": base64.b64encode(b"\xfb\xff" * 16).decode(),
    "iv": base64.b64encode(b"\xfb\xff" * 8).decode(),
}
SIGNED = {"rawData": "{}", "signature": "0" * 40}

KINDS: dict[str, dict[str, Any]] = {
    "a share": SHARED,
    "a group that was entered": {"opengid": "tGx", "chat_type": 3, "group_openid": "x"},
    "steps": {"stepInfoList": [{"timestamp": 1445866601, "step": 100}]},
    "a phone number": {"phoneNumber": "1", "purePhoneNumber": "1", "countryCode": "86"},
}


@pytest.fixture(autouse=True)
def _login(phone: Phone) -> None:
    phone.login()


def sealed(site: Site, data: Mapping[str, Any], user: str = "alice") -> dict[str, str]:
    """Data exactly as given, sealed under the user's valid session_key."""
    return encrypted(site.sandbox.world.session_key(user), encoded(data))


def mark(site: Site, age: float = 0, appid: str = APPID) -> dict[str, Any]:
    """A watermark that is `age` seconds old."""
    return {"watermark": {"timestamp": int(site.clock() - age), "appid": appid}}


def marked(site: Site, age: float = 0, appid: str = APPID) -> dict[str, Any]:
    """A share with such a watermark."""
    return {**SHARED, **mark(site, age, appid)}


def refusal(phone: Phone, body: Mapping[str, Any], path: str = PATH) -> tuple[str, str]:
    """The code and action with which a body is refused."""
    answer = phone.ask("POST", path, json=body)
    return phone.site.problem(answer), answer.json()["action"]


# What opens


@pytest.mark.parametrize("data", KINDS.values(), ids=KINDS.keys())
def test_every_kind_of_data_opens(site: Site, phone: Phone, data: dict[str, Any]) -> None:
    answer = phone.ask("POST", PATH, json=site.sandbox.world.encrypt("alice", data))
    assert answer.json() == {"data": data}
    assert answer.headers["Cache-Control"] == "no-store"
    assert site.sandbox.world.calls[CHECK] == 0


def test_identities_and_the_watermark_do_not_leave(site: Site, phone: Phone) -> None:
    site.sandbox.world.open_platform = True
    site.guard("alice")
    profile = site.sandbox.world.profile("alice")
    body = {name: profile[name] for name in ("encryptedData", "iv")}
    answer = phone.ask("POST", PATH, json=body)
    assert answer.json() == {"data": json.loads(profile["rawData"])}


def test_data_of_600_seconds_opens_and_a_second_more_is_stale(site: Site, phone: Phone) -> None:
    assert phone.ask("POST", PATH, json=sealed(site, marked(site, 600))).status_code == 200
    assert refusal(phone, sealed(site, marked(site, 601))) == ("DATA_STALE", "reauthorize")


@pytest.mark.settings(WXLOGIN_OPEN_DATA_MAX_AGE="60")
def test_the_age_that_is_stale_is_a_setting(site: Site, phone: Phone) -> None:
    assert phone.ask("POST", PATH, json=sealed(site, marked(site, 60))).status_code == 200
    assert refusal(phone, sealed(site, marked(site, 61)))[0] == "DATA_STALE"


def test_wechats_clock_may_be_ahead_a_little(site: Site, phone: Phone) -> None:
    assert phone.ask("POST", PATH, json=sealed(site, marked(site, -300))).status_code == 200
    assert refusal(phone, sealed(site, marked(site, -301)))[0] == "DATA_INVALID"


# What does not open though the key holds

WRONG: dict[str, Callable[[Site], dict[str, str]]] = {
    "another user's": lambda site: sealed(site, marked(site), "bob"),
    "another app's": lambda site: sealed(site, marked(site, appid=OTHER_APPID)),
    "naming another user": lambda site: sealed(site, marked(site) | {"openId": "oAnother"}),
    "of no known kind": lambda site: sealed(site, {"other": 1, **mark(site)}),
    "without a watermark": lambda site: sealed(site, SHARED),
    "no object": lambda site: encrypted(site.sandbox.world.session_key("alice"), "[1]"),
    "no JSON": lambda site: encrypted(site.sandbox.world.session_key("alice"), "openGId=1"),
    "of an altered iv": lambda site: sealed(site, marked(site)) | {"iv": GOOD["iv"]},
    "of altered data": lambda site: sealed(site, marked(site)) | GOOD,
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG.keys())
def test_wrong_data_has_one_refusal_once_wechat_says_that_the_key_holds(
    site: Site, phone: Phone, body: Callable[[Site], dict[str, str]]
) -> None:
    answer = phone.ask("POST", PATH, json=body(site))
    assert site.problem(answer) == "DATA_INVALID"
    assert answer.json()["action"] == "reauthorize"
    assert set(answer.json()) == {
        "type", "title", "status", "detail", "code", "action", "request_id"
    }  # fmt: skip
    assert site.sandbox.world.calls[CHECK] == 1


def test_old_data_of_another_user_are_not_called_stale(site: Site, phone: Phone) -> None:
    data = marked(site, 3600) | {"openId": "oAnother"}
    assert refusal(phone, sealed(site, data))[0] == "DATA_INVALID"


# Where the key does not hold, or nobody knows


def test_without_a_kept_key_wechat_is_not_asked(site: Site, phone: Phone) -> None:
    site.clock.forward(7200)
    assert refusal(phone, sealed(site, marked(site))) == ("SESSION_KEY_EXPIRED", "relogin")
    assert site.sandbox.world.calls[CHECK] == 0


FAULTS = {
    "is busy": Fault(errcode=-1),
    "limits": Fault(errcode=45011),
    "refuses us": Fault(errcode=40013),
    "refuses each token": Fault(errcode=40001),
    "fails": Fault(status=502),
    "talks nonsense": Fault(body="<html>"),
    "hangs up": Fault(close=True),
}


@pytest.mark.parametrize("path", ["/wxa/checksession", "/cgi-bin/stable_token"])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_where_wechat_cannot_be_asked_the_key_is_held_for_expired(
    site: Site, phone: Phone, monkeypatch: pytest.MonkeyPatch, path: str, fault: Fault
) -> None:
    monkeypatch.setattr(client, "JITTER_SECONDS", (0.0, 0.0))
    site.sandbox.faults.queue(path, fault, times=3)
    assert refusal(phone, sealed(site, SHARED)) == ("SESSION_KEY_EXPIRED", "relogin")


def test_a_wechat_that_is_away_does_not_hinder_good_data(site: Site, phone: Phone) -> None:
    body = sealed(site, marked(site))
    site.sandbox.stop()
    assert phone.ask("POST", PATH, json=body).status_code == 200
    assert refusal(phone, GOOD)[0] == "SESSION_KEY_EXPIRED"


# Bad input

CALLS = {
    PATH: {},
    "/v1/decrypt/phone": {},
    "/v1/decrypt/profile": SIGNED,
}
BAD = [
    ("encryptedData", GOOD["encryptedData"].replace("+", " "), "+ was lost"),
    ("iv", GOOD["iv"].replace("+", " "), "+ was lost"),
    ("encryptedData", "", "empty"),
    ("iv", "", "empty"),
    ("encryptedData", base64.b64encode(bytes(15)).decode(), "16 bytes"),
    ("encryptedData", base64.b64encode(bytes(33)).decode(), "16 bytes"),
    ("iv", base64.b64encode(bytes(15)).decode(), "16 bytes"),
    ("iv", base64.b64encode(bytes(17)).decode(), "16 bytes"),
    ("iv", base64.b64encode(bytes(32)).decode(), "16 bytes"),
    ("encryptedData", base64.b64encode(bytes(49_152 + 16)).decode(), "64 KiB"),
    ("iv", "A" * 65_540, "64 KiB"),
    ("encryptedData", GOOD["encryptedData"].replace("+", "-"), "not base64"),
    ("encryptedData", GOOD["encryptedData"] + "\n", "not base64"),
    ("encryptedData", GOOD["encryptedData"][:-3], "cut short"),
    ("iv", GOOD["iv"].rstrip("="), "cut short"),
    ("encryptedData", 7, "string"),
    ("encryptedData", ["x"], "string"),
    ("encryptedData", {"x": 1}, "string"),
    ("iv", True, "string"),
    ("openId", "o", "not permitted"),
]


@pytest.mark.parametrize("path", CALLS)
def test_a_wrong_field_is_named_with_what_is_wrong(site: Site, phone: Phone, path: str) -> None:
    for field, value, words in BAD:
        answer = phone.ask("POST", path, json={**GOOD, **CALLS[path], field: value})
        assert site.problem(answer) == "INVALID_REQUEST", (field, value)
        (fault,) = answer.json()["errors"]
        assert fault["field"] == field, value
        assert words in fault["reason"], (field, value)
        assert answer.json()["action"] == "fix", (field, value)
    assert not site.sandbox.world.calls["/wxa/checksession"]


def test_a_reason_is_plain_words_alone(phone: Phone) -> None:
    answer = phone.ask("POST", PATH, json={**GOOD, "iv": ""})
    assert answer.json()["errors"] == [{"field": "iv", "reason": "is empty"}]


@pytest.mark.parametrize("field", ["encryptedData", "iv"])
@pytest.mark.parametrize("path", [PATH, "/v1/decrypt/profile"])
def test_a_missing_field_is_named(site: Site, phone: Phone, path: str, field: str) -> None:
    whole: dict[str, Any] = {**GOOD, **CALLS[path]}
    for body in ({n: v for n, v in whole.items() if n != field}, whole | {field: None}):
        answer = phone.ask("POST", path, json=body)
        assert site.problem(answer) == "INVALID_REQUEST"
        assert [fault["field"] for fault in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("path", [*CALLS, "/v1/decrypt/verify"])
def test_every_call_wants_a_token_before_it_looks_at_the_body(site: Site, path: str) -> None:
    answer = site.request("POST", path, data=b"{", headers={"Content-Type": "text/css"})
    assert site.problem(answer) == "TOKEN_MISSING"
