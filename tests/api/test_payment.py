"""Virtual payment and the encrypted channel: what a team's server asks for a user."""

from __future__ import annotations

import json

import pytest

from tests.api.backend import Backend
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from wxlogin.operators.api_tokens import Bounds
from wxlogin.sandbox import Fault
from wxlogin.wechat.virtual_payment import sign_payment

PAYMENT, ENCRYPT_KEYS = "/v1/service/payment", "/v1/service/encrypt-keys"
PAY_KEY = f"/apps/{APPID}/pay-key"
AT_WECHAT = "/wxa/business/getuserencryptkey"
LIVE, SANDBOX = "live-app-key-of-32-characters-abc", "sandbox-app-key-of-32-characters"


KEYS = (
    ("VI6BpyrK9XH4i4AIGe86tg==", 10, 3597, "6003f73ec441c386"),
    ("aoUGAHltcliiL9f23oTKHA==", 9, 0, "7996656384218dbb"),
    ("MlZNQNnRQz3zXHHcr6A3mA==", 8, 0, "58a1814f88883024"),
)
EXAMPLE = {
    "errcode": 0,
    "errmsg": "ok",
    "key_info_list": [
        {"encrypt_key": k, "version": v, "expire_in": left, "iv": iv, "create_time": 1616572301}
        for k, v, left, iv in KEYS
    ],
}


@pytest.fixture
def backend(site: Site) -> Backend:
    """A service that may sign."""
    return Backend(site, "wechat")


@pytest.fixture
def owner(site: Site) -> Operator:
    """An owner who has just given the password."""
    site.secrets |= {LIVE, SANDBOX}
    return Operator(site, "owner").sign_in()


def refused_field(backend: Backend, user: str, sign_data: str) -> str:
    """Why a payment's data are refused."""
    answer = backend.ask("POST", PAYMENT, json={"user": user, "sign_data": sign_data})
    assert answer.status_code == 400, answer.text
    (fault,) = answer.json()["errors"]
    assert fault["field"] == "sign_data"
    return str(fault["reason"])


def test_wechat_s_own_example_gives_its_signatures() -> None:
    body = '{"openid": "xxx", "user_ip": "127.0.0.1", "env": 0}'
    assert sign_payment("12345", "9hAb/NEYUlkaMBEsmFgzig==", "/xpay/query_user_balance", body) == (
        "c37809f27c6d7fd1837ad2500a04512b66b34fd793a39a385fade56dca89a4b5",
        "089d9e8dc5d308977360c4b79ec600a93d736802802a807d634192328032f6c7",
    )


def test_a_payment_is_signed_with_the_key_of_its_environment(
    site: Site, backend: Backend, owner: Operator, phone: Phone
) -> None:
    phone.login()
    owner.done("PUT", PAY_KEY, json={"key": LIVE})
    app = owner.done("PUT", PAY_KEY, json={"key": SANDBOX, "sandbox": True})
    assert (app["pay_key"], app["sandbox_pay_key"]) == (True, True)
    session_key = site.sandbox.world.session_key("alice")
    for sign_data, key in [('{"env":1,"x":"\u4f60"}', SANDBOX), ('{"env":0}', LIVE), ("{}", LIVE)]:
        told = backend.given(PAYMENT, user=phone.user_id, sign_data=sign_data)
        signed = sign_payment(key, session_key, "requestVirtualPayment", sign_data)
        assert told == signed._asdict()
    of_server = backend.given(
        PAYMENT, user=phone.user_id, sign_data="{}", uri="/xpay/query_user_balance"
    )
    assert of_server["pay_sig"] != told["pay_sig"]
    assert of_server["signature"] == told["signature"]
    assert backend.trail(f"user:{phone.user_id}")[-1][1:] == ("service.payment", "done")


def test_without_its_key_nothing_is_signed_and_the_command_is_named(
    backend: Backend, owner: Operator, phone: Phone
) -> None:
    phone.login()
    assert f"apps set-pay-key {APPID}`" in refused_field(backend, phone.user_id, "{}")
    owner.done("PUT", PAY_KEY, json={"key": LIVE})
    assert "--sandbox`" in refused_field(backend, phone.user_id, '{"env": 1}')


@pytest.mark.parametrize(
    "sign_data",
    [
        "",
        "x",
        "[]",
        "1",
        '{"env": 2}',
        '{"env": "0"}',
        '{"env": true}',
        '{"env":0,"env":1}',
        "[" * 99,
    ],
)
def test_data_that_are_no_payment_s_are_refused(
    backend: Backend, phone: Phone, sign_data: str
) -> None:
    phone.login()
    assert "env" in refused_field(backend, phone.user_id, sign_data)


def test_nothing_is_signed_for_a_banned_user(
    backend: Backend, owner: Operator, phone: Phone
) -> None:
    phone.login()
    owner.done("PUT", PAY_KEY, json={"key": LIVE})
    owner.done("POST", f"/users/{phone.user_id}/ban", json={"reason": "fraud"})
    assert backend.refusal(PAYMENT, user=phone.user_id, sign_data="{}") == "USER_BANNED"


def test_a_payment_of_nobody_or_without_a_session_key_is_refused(
    site: Site, backend: Backend, owner: Operator, phone: Phone
) -> None:
    phone.login()
    owner.done("PUT", PAY_KEY, json={"key": LIVE})
    site.clock.forward(7200)
    body = {"user": phone.user_id, "sign_data": "{}"}
    assert backend.refusal(PAYMENT, **body) == "SESSION_KEY_EXPIRED"
    assert backend.refusal(PAYMENT, **{**body, "user": "A" * 22}) == "NOT_FOUND"
    assert backend.refusal(PAYMENT, **body, uri="/a?b") == "INVALID_REQUEST"


@pytest.mark.parametrize("path", [PAYMENT, ENCRYPT_KEYS])
def test_a_token_of_another_app_is_refused(site: Site, phone: Phone, path: str) -> None:
    phone.login()
    elsewhere = Backend(site, "wechat", bounds=Bounds(None, apps=("wx1111111111111111",)))
    body = {"user": phone.user_id, **({"sign_data": "{}"} if path == PAYMENT else {})}
    assert elsewhere.refusal(path, **body) == "FORBIDDEN"


@pytest.mark.parametrize("key", ["", " ", "a b", "\u4f60", "x" * 129])
def test_what_is_no_app_key_is_refused(site: Site, owner: Operator, key: str) -> None:
    assert site.problem(owner.ask("PUT", PAY_KEY, json={"key": key})) == "INVALID_REQUEST"


def test_the_key_is_sealed_and_in_no_answer(
    site: Site, backend: Backend, owner: Operator, phone: Phone
) -> None:
    phone.login()
    owner.done("PUT", PAY_KEY, json={"key": LIVE})
    sign_data = json.dumps({"env": 0, "x": LIVE})
    told = backend.given(PAYMENT, user=phone.user_id, sign_data=sign_data)
    assert LIVE not in json.dumps(told)
    assert LIVE not in json.dumps(owner.done("GET", "/apps"))


def test_the_keys_of_the_encrypted_channel_are_wechat_s_own(
    site: Site, backend: Backend, phone: Phone
) -> None:
    phone.login()
    first, *older = backend.given(ENCRYPT_KEYS, user=phone.user_id)["keys"]
    assert set(first) == {"encrypt_key", "iv", "version", "expires_in"}
    assert 0 < first["expires_in"] <= 3600
    assert [key["expires_in"] for key in older] == [0, 0]
    site.clock.forward(3600)
    newer, before, _ = backend.given(ENCRYPT_KEYS, user=phone.user_id)["keys"]
    assert newer["version"] == first["version"] + 1
    assert before["encrypt_key"] == first["encrypt_key"]
    assert backend.trail(f"user:{phone.user_id}")[-1][1:] == ("service.encrypt_keys", "done")


def test_the_keys_of_wechat_s_own_example_are_passed_on_as_they_stand(
    site: Site, backend: Backend, phone: Phone
) -> None:
    """Of the page of getUserEncryptKey; an iv is sixteen characters, and no hex of eight bytes."""
    phone.login()
    site.sandbox.faults.queue(AT_WECHAT, Fault(body=json.dumps(EXAMPLE)))
    assert backend.given(ENCRYPT_KEYS, user=phone.user_id) == {
        "keys": [
            {"encrypt_key": key, "iv": iv, "version": version, "expires_in": left}
            for key, version, left, iv in KEYS
        ]
    }


def test_wechat_s_refusals_of_the_encrypted_channel_are_told(
    site: Site, backend: Backend, phone: Phone
) -> None:
    phone.login()
    faults = site.sandbox.faults
    for answer in ('{"errcode":0}', '{"key_info_list":[1]}', '{"key_info_list":[{"iv":"x"}]}'):
        faults.queue(AT_WECHAT, Fault(body=answer))
        assert backend.refusal(ENCRYPT_KEYS, user=phone.user_id) == "WX_UNAVAILABLE"
    faults.queue(AT_WECHAT, Fault(errcode=87009))
    assert backend.refusal(ENCRYPT_KEYS, user=phone.user_id) == "SESSION_KEY_EXPIRED"
    assert backend.refusal(ENCRYPT_KEYS, user="A" * 22) == "NOT_FOUND"
