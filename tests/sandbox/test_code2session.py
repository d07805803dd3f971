import re

import pytest

from wxlogin.sandbox import World

from .client import APPID, OTHER_APPID, OTHER_SECRET, SECRET, SNS_TAIL, Client, Clock
from .client import assert_refused as refused

PATH = "/sns/jscode2session"


def test_a_code_gives_session_key_and_openid_and_no_errcode(client: Client, world: World) -> None:
    answer = client.exchange(world.login_code("bob"))
    assert answer == {
        "session_key": world.session_key("bob"),
        "openid": world.openid("bob"),
    }
    assert list(answer) == ["session_key", "openid"]


def test_the_answer_is_json_sent_as_plain_text(client: Client) -> None:
    assert client.get(PATH).headers["Content-Type"] == "text/plain"


def test_the_content_type_of_sns_can_be_chosen(client: Client, world: World) -> None:
    world.sns_content_type = "application/json"
    assert client.get(PATH).headers["Content-Type"] == "application/json"


def test_a_login_code_is_32_letters_and_digits_that_begin_with_0(world: World) -> None:
    codes = {world.login_code() for _ in range(50)}
    assert len(codes) == 50
    assert all(re.fullmatch(r"0[0-9A-Za-z]{31}", code) for code in codes)


def test_unionid_is_there_only_on_an_open_platform(client: Client, world: World) -> None:
    assert world.unionid("bob") is None
    world.open_platform = True
    answer = client.exchange(world.login_code("bob"))
    assert list(answer) == ["session_key", "openid", "unionid"]
    assert answer["unionid"] == world.unionid("bob")
    assert re.fullmatch(r"o[A-Za-z0-9_-]{27}", answer["unionid"])


@pytest.mark.parametrize(
    ("changed", "errcode", "errmsg"),
    [
        ({"appid": "", "secret": "", "js_code": ""}, 41002, "appid missing"),
        ({"secret": "", "js_code": ""}, 41004, "appsecret missing"),
        ({"appid": "wx0000000000000000", "js_code": ""}, 41008, "missing code"),
        ({"grant_type": "client_credential"}, 40002, "invalid grant_type"),
        ({"appid": "wx0000000000000000", "secret": "bad"}, 40013, "invalid appid"),
        ({"secret": "f" * 32}, 40125, "invalid appsecret"),
        ({"secret": "密"}, 40125, "invalid appsecret"),
        ({"js_code": "0" * 32}, 40029, "invalid code"),
    ],
)
def test_refusals_come_in_wechats_order(
    client: Client, world: World, changed: dict[str, str], errcode: int, errmsg: str
) -> None:
    code = world.login_code()
    refused(client.exchange(code, **changed), errcode, errmsg, SNS_TAIL)


def test_a_wrong_secret_leaves_the_code_usable(client: Client, world: World) -> None:
    code = world.login_code()
    assert client.exchange(code, secret="f" * 32)["errcode"] == 40125
    assert "openid" in client.exchange(code)


def test_a_refusal_is_http_200(client: Client) -> None:
    assert client.get(PATH).status_code == 200


def test_the_rid_begins_with_the_time(client: Client, clock: Clock) -> None:
    clock.now = 0x6129EE10
    assert ", rid: 6129ee10-" in client.get(PATH).json()["errmsg"]


def test_a_code_works_once(client: Client, world: World) -> None:
    code = world.login_code()
    client.exchange(code)
    refused(client.exchange(code), 40163, "code been used", SNS_TAIL)


def test_a_code_works_until_five_minutes_are_over(
    client: Client, world: World, clock: Clock
) -> None:
    early, late = world.login_code(), world.login_code()
    clock.advance(299)
    assert "openid" in client.exchange(early)
    clock.advance(1)
    refused(client.exchange(late), 40029, "invalid code", SNS_TAIL)
    refused(client.exchange(early), 40029, "invalid code", SNS_TAIL)


def test_several_codes_of_one_user_all_work(client: Client, world: World) -> None:
    codes = [world.login_code("bob") for _ in range(3)]
    assert {client.exchange(code)["openid"] for code in codes} == {world.openid("bob")}


def test_a_code_of_another_app_is_invalid(client: Client, world: World) -> None:
    code = world.login_code("bob", OTHER_APPID)
    assert client.exchange(code)["errcode"] == 40029
    answer = client.exchange(code, appid=OTHER_APPID, secret=OTHER_SECRET)
    assert answer["openid"] == world.openid("bob", OTHER_APPID)


def test_a_phone_code_does_not_sign_in(client: Client, world: World) -> None:
    assert client.exchange(world.phone_code())["errcode"] == 40029


def test_a_blocked_user_is_refused_and_the_code_is_spent(client: Client, world: World) -> None:
    code = world.login_code("eve")
    world.block("eve")
    refused(client.exchange(code), 40226, "code blocked", SNS_TAIL)
    world.unblock("eve")
    assert client.exchange(code)["errcode"] == 40163
    assert "openid" in client.exchange(world.login_code("eve"))


def test_one_user_has_a_quota_a_minute(client: Client, world: World, clock: Clock) -> None:
    world.exchanges_per_minute = 2
    for _ in range(2):
        assert "openid" in client.exchange(world.login_code("bob"))
    text = "api minute-quota reach limit  mustslower  retry next minute"
    refused(client.exchange(world.login_code("bob")), 45011, text, SNS_TAIL)
    assert "openid" in client.exchange(world.login_code("carol"))
    clock.advance(60)
    assert "openid" in client.exchange(world.login_code("bob"))


def test_a_post_is_told_that_the_appid_is_missing(client: Client, world: World) -> None:
    fields = {
        "appid": APPID,
        "secret": SECRET,
        "js_code": world.login_code(),
        "grant_type": "authorization_code",
    }
    refused(client.post(PATH, data=fields).json(), 41002, "appid missing", SNS_TAIL)
    refused(client.post(PATH, params=fields).json(), 41002, "appid missing", SNS_TAIL)


def test_a_reset_secret_replaces_the_old_one(client: Client, world: World) -> None:
    world.set_secret(APPID, "a" * 32)
    assert client.exchange(world.login_code())["errcode"] == 40125
    assert "openid" in client.exchange(world.login_code(), secret="a" * 32)


def test_an_app_can_be_added(client: Client, world: World) -> None:
    world.add_app("wx00000000000000aa", "b" * 32)
    code = world.login_code("bob", "wx00000000000000aa")
    answer = client.exchange(code, appid="wx00000000000000aa", secret="b" * 32)
    assert answer["openid"] == world.openid("bob", "wx00000000000000aa")
