"""Signed rawData and the profile: the signature first, then the data, then kept sealed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.sql import UserRow
from wxlogin.sandbox import Fault
from wxlogin.sandbox.opendata import encrypted, raw_signature

PROFILE = "/v1/decrypt/profile"
VERIFY = "/v1/decrypt/verify"
CHECK = "/wxa/checksession"
AVATAR = "https://thirdwx.qlogo.cn/mmopen/vi_32/anonymous/132"


@pytest.fixture(autouse=True)
def _login(phone: Phone) -> None:
    phone.login()


@pytest.fixture
def profile(site: Site) -> dict[str, str]:
    """What wx.getUserProfile gives Alice's page."""
    return site.sandbox.world.profile("alice")


def signed(body: dict[str, str]) -> dict[str, str]:
    """The part of it that verify takes."""
    return {name: body[name] for name in ("rawData", "signature")}


def refusal(phone: Phone, path: str, body: dict[str, Any]) -> tuple[str, str]:
    """The code and action with which a body is refused."""
    answer = phone.ask("POST", path, json=body)
    return phone.site.problem(answer), answer.json()["action"]


def test_the_profile_is_answered_without_identities(
    site: Site, phone: Phone, profile: dict[str, str]
) -> None:
    answer = phone.ask("POST", PROFILE, json=profile)
    assert answer.json() == {"profile": json.loads(profile["rawData"])}
    assert answer.headers["Cache-Control"] == "no-store"
    assert site.sandbox.world.calls[CHECK] == 0


def test_the_profile_is_kept_sealed(site: Site, phone: Phone, profile: dict[str, str]) -> None:
    row = UserRow(site, phone.user_id)
    assert row.opened("profile_sealed") is None
    site.tokens |= {"微信用户 alice", AVATAR}
    assert phone.ask("POST", PROFILE, json=profile).status_code == 200
    assert row.opened("profile_sealed") == json.loads(profile["rawData"])


def test_a_later_profile_takes_the_place_of_the_kept_one(site: Site, phone: Phone) -> None:
    world = site.sandbox.world
    phone.ask("POST", PROFILE, json=world.profile("alice"))
    shown = {"nickName": "Alice", "avatarUrl": AVATAR}
    raw = json.dumps(shown)
    signature = raw_signature(raw, world.session_key("alice"))
    body = {"rawData": raw, "signature": signature, **world.encrypt("alice", shown)}
    assert phone.ask("POST", PROFILE, json=body).json() == {"profile": shown}
    assert UserRow(site, phone.user_id).opened("profile_sealed") == shown


def test_what_is_refused_is_not_kept(site: Site, phone: Phone, profile: dict[str, str]) -> None:
    wrong = profile | site.sandbox.world.encrypt("bob", {"nickName": "Bob", "avatarUrl": ""})
    assert refusal(phone, PROFILE, wrong) == ("DATA_INVALID", "reauthorize")
    assert UserRow(site, phone.user_id).column("profile_sealed") is None


@pytest.mark.parametrize("name", ["nickName", "avatarUrl"])
def test_a_profile_without_a_name_or_an_avatar_is_none(
    site: Site, phone: Phone, profile: dict[str, str], name: str
) -> None:
    shown = {"openId": site.sandbox.world.openid("alice"), **json.loads(profile["rawData"])}
    del shown[name]
    body = profile | site.sandbox.world.encrypt("alice", shown)
    assert refusal(phone, PROFILE, body)[0] == "DATA_INVALID"


def test_other_data_is_no_profile(site: Site, phone: Phone, profile: dict[str, str]) -> None:
    body = profile | site.sandbox.world.phone("alice")
    assert refusal(phone, PROFILE, body)[0] == "DATA_INVALID"


def test_an_old_profile_is_stale(site: Site, phone: Phone, profile: dict[str, str]) -> None:
    site.clock.forward(601)
    assert refusal(phone, PROFILE, profile) == ("DATA_STALE", "reauthorize")


# The signature


def test_a_signature_that_holds_is_told(site: Site, phone: Phone, profile: dict[str, str]) -> None:
    answer = phone.ask("POST", VERIFY, json=signed(profile))
    assert answer.json() == {"valid": True}
    assert site.sandbox.world.calls[CHECK] == 0


def test_the_signature_covers_raw_data_of_any_script(site: Site, phone: Phone) -> None:
    raw = '{"nickName":"小明🙂\\u4f60 \\/"}'
    signature = raw_signature(raw, site.sandbox.world.session_key("alice"))
    body = {"rawData": raw, "signature": signature}
    assert phone.ask("POST", VERIFY, json=body).json() == {"valid": True}


@pytest.mark.parametrize("path", [PROFILE, VERIFY])
@pytest.mark.parametrize(
    "change",
    [
        {"rawData": '{"nickName": "Mallory"}'},
        {"signature": "0" * 40},
    ],
)
def test_a_wrong_signature_is_a_mismatch_once_wechat_says_that_the_key_holds(
    site: Site, phone: Phone, profile: dict[str, str], path: str, change: dict[str, str]
) -> None:
    body = (profile if path == PROFILE else signed(profile)) | change
    assert refusal(phone, path, body) == ("SIGNATURE_MISMATCH", "reauthorize")
    assert site.sandbox.world.calls[CHECK] == 1
    assert UserRow(site, phone.user_id).column("profile_sealed") is None


def test_the_signature_is_looked_at_before_the_data(
    site: Site, phone: Phone, profile: dict[str, str]
) -> None:
    site.clock.forward(601)
    assert refusal(phone, PROFILE, profile | {"signature": "0" * 40})[0] == "SIGNATURE_MISMATCH"


@pytest.mark.parametrize("path", [PROFILE, VERIFY])
def test_a_signature_under_a_newer_key_wants_a_login(
    site: Site, phone: Phone, profile: dict[str, str], path: str
) -> None:
    site.sandbox.world.rotate_session_key("alice")
    site.guard("alice")
    fresh = site.sandbox.world.profile("alice")
    body = fresh if path == PROFILE else signed(fresh)
    assert refusal(phone, path, body) == ("SESSION_KEY_EXPIRED", "relogin")
    assert phone.ask("POST", "/v1/session/key", json={"code": phone.code()}).status_code == 200
    assert phone.ask("POST", path, json=body).status_code == 200


@pytest.mark.parametrize("path", [PROFILE, VERIFY])
def test_where_wechat_cannot_be_asked_a_mismatch_wants_a_login(
    site: Site, phone: Phone, profile: dict[str, str], path: str
) -> None:
    site.sandbox.faults.queue(CHECK, Fault(status=502), times=3)
    body = (profile if path == PROFILE else signed(profile)) | {"signature": "0" * 40}
    assert refusal(phone, path, body) == ("SESSION_KEY_EXPIRED", "relogin")


# Bad input


WRONG: list[tuple[str, object]] = [
    ("rawData", ""),
    ("rawData", 7),
    ("rawData", {}),
    ("rawData", None),
    ("rawData", "\ud800"),
    ("rawData", "x" * 65_537),
    ("signature", ""),
    ("signature", 7),
    ("signature", "0" * 39),
    ("signature", "0" * 41),
    ("signature", "A" * 40),
    ("signature", "0" * 40 + "\n"),
    ("signature", None),
    ("openId", "o"),
]


def test_a_wrong_field_is_named(site: Site, phone: Phone, profile: dict[str, str]) -> None:
    for field, value in WRONG:
        for path, body in ((PROFILE, profile), (VERIFY, signed(profile))):
            answer = phone.ask("POST", path, json=body | {field: value})
            assert site.problem(answer) == "INVALID_REQUEST", (field, value)
            assert [fault["field"] for fault in answer.json()["errors"]] == [field], value


@pytest.mark.parametrize("field", ["rawData", "signature"])
def test_a_missing_field_is_named(
    site: Site, phone: Phone, profile: dict[str, str], field: str
) -> None:
    for path, body in ((PROFILE, profile), (VERIFY, signed(profile))):
        answer = phone.ask("POST", path, json={n: v for n, v in body.items() if n != field})
        assert site.problem(answer) == "INVALID_REQUEST"
        assert [fault["field"] for fault in answer.json()["errors"]] == [field]


def test_verify_ignores_the_rest_of_the_detail(phone: Phone, profile: dict[str, str]) -> None:
    detail = {**profile, "errMsg": "getUserProfile:ok", "userInfo": {}, "cloudID": "x"}
    assert phone.ask("POST", VERIFY, json=detail).json() == {"valid": True}


def with_unionid(site: Site, profile: dict[str, str], unionid: str) -> dict[str, str]:
    """The profile, whose encrypted form alone has a unionid."""
    site.secrets.add(unionid)
    world, shown = site.sandbox.world, json.loads(profile["rawData"])
    clear = {"openId": world.openid("alice"), "unionId": unionid, **shown}
    return {**profile, **world.encrypt("alice", clear)}


def test_a_unionid_that_the_encrypted_profile_alone_has_is_kept(
    site: Site, phone: Phone, profile: dict[str, str]
) -> None:
    row, first, second = UserRow(site, phone.user_id), "o" + "u" * 27, "o" + "v" * 27
    assert row.opened("unionid_sealed") is None
    for unionid in (first, second):
        body = with_unionid(site, profile, unionid)
        assert phone.ask("POST", PROFILE, json=body).status_code == 200
        assert row.opened("unionid_sealed") == first


def test_a_nickname_with_control_characters_opens(
    site: Site, phone: Phone, profile: dict[str, str]
) -> None:
    world, mark = site.sandbox.world, site.sandbox.world.watermark("wx0123456789abcdef")
    clear = json.dumps(
        {"openId": world.openid("alice"), "nickName": "a?b", "avatarUrl": AVATAR, "watermark": mark}
    )
    for control in ("\x14", "\t", "\n"):
        data = encrypted(world.session_key("alice"), clear.replace("?", control))
        answer = phone.ask("POST", PROFILE, json={**profile, **data})
        assert answer.json()["profile"]["nickName"] == f"a{control}b"
