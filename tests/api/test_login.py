"""Signing in: a code in, an opaque token out."""

from __future__ import annotations

import base64
import threading

import pytest

from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from wxlogin.services import Services


def test_a_code_gives_a_token_and_the_token_a_session(phone: Phone) -> None:
    answer = phone.login(device_name="Alice 的手机", platform="ios")
    assert answer["token"].startswith("wxs_")
    assert answer["token_type"] == "Bearer"
    assert (answer["expires_in"], answer["max_expires_in"]) == (604800, 2592000)
    assert answer["user"]["is_new"] is True
    assert answer["ended"] == 0
    body = phone.ask("GET", "/v1/session").json()
    assert body["user"] == {"id": phone.user_id}
    assert body["app"] == {"appid": APPID}
    assert body["session"]["id"] == phone.session_id
    assert body["session"]["device_name"] == "Alice 的手机"
    assert body["session_key"] == {"fresh": True, "expires_in": 7200}


def test_the_signing_key_is_32_bytes_and_the_session_s_own(phone: Phone) -> None:
    first = phone.login()["signing"]
    second = phone.login()["signing"]
    assert first["algorithm"] == "HMAC-SHA256"
    assert len(base64.b64decode(first["key"])) == 32
    assert first["key"] != second["key"]


def test_a_second_login_finds_the_same_user(phone: Phone) -> None:
    first = phone.login()
    second = phone.login()
    assert second["user"] == {"id": first["user"]["id"], "is_new": False}
    assert second["token"] != first["token"]


def test_two_users_are_two(site: Site) -> None:
    alice, bob = Phone(site, "alice"), Phone(site, "bob")
    alice.login()
    bob.login()
    assert alice.user_id != bob.user_id


def test_answers_that_carry_a_token_are_not_stored(phone: Phone) -> None:
    assert phone.try_login().headers["Cache-Control"] == "no-store"


def test_a_code_is_good_once_and_wechat_is_not_asked_again(site: Site, phone: Phone) -> None:
    code = phone.code()
    phone.login(code=code)
    assert site.problem(phone.try_login(code=code)) == "CODE_USED"
    assert site.sandbox.world.calls["/sns/jscode2session"] == 1


def test_six_parallel_requests_with_one_code_make_one_login(site: Site, phone: Phone) -> None:
    code, together, statuses = phone.code(), threading.Barrier(6), []

    def send() -> None:
        together.wait()
        statuses.append(phone.try_login(code=code).status_code)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409, 409, 409, 409, 409]
    assert site.sandbox.world.calls["/sns/jscode2session"] == 1


def test_a_code_that_wechat_does_not_know_is_refused(site: Site, phone: Phone) -> None:
    answer = phone.try_login(code="0" * 32)
    assert site.problem(answer) == "CODE_INVALID"
    assert answer.json()["action"] == "relogin"


def test_an_old_code_is_refused(site: Site, phone: Phone) -> None:
    code = phone.code()
    site.clock.forward(301)
    assert site.problem(phone.try_login(code=code)) == "CODE_INVALID"


def test_an_app_that_is_not_registered_is_refused_without_asking(site: Site, phone: Phone) -> None:
    answer = phone.try_login(appid="wxffffffffffffffff")
    assert site.problem(answer) == "APP_UNKNOWN"
    assert site.sandbox.world.calls["/sns/jscode2session"] == 0


def test_the_appid_may_be_named(phone: Phone) -> None:
    phone.login(appid=APPID)
    assert phone.ask("GET", "/v1/session").json()["app"] == {"appid": APPID}


@pytest.mark.settings(WXLOGIN_WX_APPID="", WXLOGIN_WX_SECRET="")
def test_without_a_registered_app_the_answer_names_appid(site: Site, phone: Phone) -> None:
    answer = phone.try_login()
    assert site.problem(answer) == "INVALID_REQUEST"
    assert [fault["field"] for fault in answer.json()["errors"]] == ["appid"]


def test_a_reply_that_came_late_cannot_undo_a_newer_session_key(site: Site, phone: Phone) -> None:
    """WeChat answered it before the newer login's, and it is stored after that."""
    phone.login()
    services: Services = site.app.extensions["wxlogin"]
    code = phone.code()
    with site.app.app_context():
        app = services.accounts.apps.get_active(APPID)
        late = services.wechat.client.code_to_session(*app.credentials, code)
    site.sandbox.world.rotate_session_key("alice")
    site.clock.forward(1)
    phone.login()
    services.sessions.keys.save(phone.user_id, late.session_key, late.stamp)
    stored = services.sessions.keys.get(phone.user_id)
    newer = site.sandbox.world.session_key("alice")
    assert newer != late.session_key
    assert stored is not None
    assert stored.current == newer


WRONG: list[tuple[dict[str, object], str]] = [
    ({}, "code"),
    ({"code": ""}, "code"),
    ({"code": 7}, "code"),
    ({"code": "a b"}, "code"),
    ({"code": "x" * 257}, "code"),
    ({"code": "x", "openid": "o"}, "openid"),
    ({"code": "x", "device_id": "short"}, "device_id"),
    ({"code": "x", "device_id": "x" * 65}, "device_id"),
    ({"code": "x", "device_name": "x" * 65}, "device_name"),
    ({"code": "x", "device_name": "a\u0000b"}, "device_name"),
    ({"code": "x", "device_name": "\ud800"}, "device_name"),
    ({"code": "x", "device_name": "a\u202eb"}, "device_name"),
    ({"code": "x", "platform": "web"}, "platform"),
    ({"code": "x", "platform": 7}, "platform"),
    ({"code": "x", "appid": "wx 1"}, "appid"),
]


def test_a_wrong_field_is_named(site: Site) -> None:
    for body, field in WRONG:
        answer = site.request("POST", "/v1/login", json=body)
        assert site.problem(answer) == "INVALID_REQUEST", body
        assert [fault["field"] for fault in answer.json()["errors"]] == [field], body
        assert answer.json()["action"] == "fix", body


@pytest.mark.parametrize("platform", ["amiga", "iOS", "", "安卓"])
def test_an_unknown_platform_stops_no_login(phone: Phone, platform: str) -> None:
    phone.login(platform=platform)
    assert phone.ask("GET", "/v1/session").json()["session"]["platform"] == "other"
