import re

import pytest

from wxlogin.sandbox import World

from .client import OTHER_APPID, OTHER_SECRET, WXA_TAIL, Client, Clock
from .client import assert_refused as refused


def test_a_code_gives_the_number_with_a_watermark(
    client: Client, world: World, clock: Clock
) -> None:
    answer = client.phone_number(client.token(), json={"code": world.phone_code("bob")})
    number = answer["phone_info"]["phoneNumber"]
    assert re.fullmatch(r"1[0-9]{10}", number)
    assert answer == {
        "errcode": 0,
        "errmsg": "ok",
        "phone_info": {
            "phoneNumber": number,
            "purePhoneNumber": number,
            "countryCode": "86",
            "watermark": {"timestamp": int(clock()), "appid": "wx0123456789abcdef"},
        },
    }


def test_users_have_numbers_of_their_own_that_stay(client: Client, world: World) -> None:
    token = client.token()
    numbers = [
        client.phone_number(token, json={"code": world.phone_code(user)})["phone_info"][
            "phoneNumber"
        ]
        for user in ("bob", "carol", "bob")
    ]
    assert numbers[0] == numbers[2] != numbers[1]


def test_a_phone_code_is_64_hex_digits(world: World) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", world.phone_code("bob"))


def test_a_code_works_once_and_five_minutes(client: Client, world: World, clock: Clock) -> None:
    token = client.token()
    used, late = world.phone_code("bob"), world.phone_code("bob")
    assert client.phone_number(token, json={"code": used})["errcode"] == 0
    refused(client.phone_number(token, json={"code": used}), 40029, "invalid code", WXA_TAIL)
    clock.advance(300)
    refused(client.phone_number(token, json={"code": late}), 40029, "invalid code", WXA_TAIL)


def test_a_login_code_is_the_wrong_kind(client: Client, world: World) -> None:
    answer = client.phone_number(client.token(), json={"code": world.login_code("bob")})
    refused(answer, 40029, "invalid code", WXA_TAIL)


@pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": "0" * 64}])
def test_no_code_or_an_unknown_one_is_invalid(client: Client, body: dict[str, str]) -> None:
    refused(client.phone_number(client.token(), json=body), 40029, "invalid code", WXA_TAIL)


def test_a_token_of_another_app_is_an_invalid_appid(client: Client, world: World) -> None:
    code = world.phone_code("bob")
    other = client.stable_token(appid=OTHER_APPID, secret=OTHER_SECRET)["access_token"]
    refused(client.phone_number(other, json={"code": code}), 40013, "invalid appid", WXA_TAIL)
    assert client.phone_number(client.token(), json={"code": code})["errcode"] == 0


def test_an_openid_that_is_given_must_be_the_codes(client: Client, world: World) -> None:
    token = client.token()
    right = {"code": world.phone_code("bob"), "openid": world.openid("bob")}
    assert client.phone_number(token, json=right)["errcode"] == 0
    wrong = {"code": world.phone_code("bob"), "openid": world.openid("carol")}
    refused(client.phone_number(token, json=wrong), 40003, "invalid openid", WXA_TAIL)


@pytest.mark.parametrize(
    ("body", "errcode", "errmsg"),
    [
        (b"", 44002, "empty post data"),
        (b"code=x", 47001, "data format error"),
        (b'{"code": 1}', 47001, "data format error"),
        (b'{"code": "x", "openid": 1}', 47001, "data format error"),
        (b" " * (64 * 1024 + 1), 45002, "content size out of limit"),
    ],
)
def test_a_body_it_cannot_read_is_refused(
    client: Client, body: bytes, errcode: int, errmsg: str
) -> None:
    refused(client.phone_number(client.token(), data=body), errcode, errmsg, WXA_TAIL)


@pytest.mark.parametrize(
    ("token", "errcode"), [("", 41001), ("nonsense", 40014), ("10_" + "x" * 128, 40001)]
)
def test_the_token_is_judged_before_the_body_and_leaves_the_code(
    client: Client, world: World, token: str, errcode: int
) -> None:
    code = world.phone_code("bob")
    assert client.phone_number(token, data=b"")["errcode"] == errcode
    assert client.phone_number(token, json={"code": code})["errcode"] == errcode
    assert client.phone_number(client.token(), json={"code": code})["errcode"] == 0


def test_an_expired_token_is_told_apart(client: Client, world: World, clock: Clock) -> None:
    token = client.token()
    clock.advance(7200)
    answer = client.phone_number(token, json={"code": world.phone_code("bob")})
    refused(answer, 42001, "access_token expired", WXA_TAIL)


def test_it_must_be_post(client: Client) -> None:
    answer = client.get("/wxa/business/getuserphonenumber").json()
    refused(answer, 43002, "require POST method", WXA_TAIL)


def test_a_code_of_the_real_time_component_works_as_the_other(client: Client, world: World) -> None:
    code = client.post("/sandbox/realtime-phone-code", data={"user": "bob"}).json()["code"]
    assert re.fullmatch(r"[0-9a-f]{64}", code)
    answer = client.phone_number(client.token(), json={"code": code})
    assert answer["phone_info"]["phoneNumber"] == world.phone_fields("bob")["phoneNumber"]
    for spent_or_other in (code, world.login_code("bob")):
        answer = client.phone_number(client.token(), json={"code": spent_or_other})
        refused(answer, 40029, "invalid code", WXA_TAIL)
