import base64

import pytest

from wxlogin.sandbox import World
from wxlogin.sandbox.opendata import key_signature

from .client import OTHER_APPID, OTHER_SECRET, WXA_TAIL, Client, Clock
from .client import assert_refused as refused

CHECK = "/wxa/checksession"
RESET = "/wxa/resetusersessionkey"
DAY = 86400


def login(client: Client, world: World, user: str = "bob") -> tuple[str, str]:
    answer = client.exchange(world.login_code(user))
    return answer["session_key"], answer["openid"]


def test_a_session_key_is_base64_of_16_bytes(client: Client, world: World) -> None:
    key, _ = login(client, world)
    assert len(key) == 24
    assert len(base64.b64decode(key, validate=True)) == 16


def test_keys_rotate_at_a_login_once_a_minute_old_unless_told_otherwise(world: World) -> None:
    assert (world.rotate_on_login, world.min_refresh) == ("aged", 60)


def test_logins_within_the_refresh_period_share_a_key(
    client: Client, world: World, clock: Clock
) -> None:
    first, _ = login(client, world)
    clock.advance(59)
    assert login(client, world)[0] == first


def test_a_login_after_the_refresh_period_rotates_the_key(
    client: Client, world: World, clock: Clock
) -> None:
    first, _ = login(client, world)
    clock.advance(60)
    assert login(client, world)[0] != first


def test_the_refresh_period_can_be_chosen(client: Client, world: World, clock: Clock) -> None:
    world.min_refresh = 600
    first, _ = login(client, world)
    clock.advance(599)
    assert login(client, world)[0] == first
    clock.advance(1)
    assert login(client, world)[0] != first


def test_rotation_can_be_never_or_always(client: Client, world: World, clock: Clock) -> None:
    world.rotate_on_login = "never"
    first, _ = login(client, world)
    clock.advance(DAY)
    assert login(client, world)[0] == first
    world.rotate_on_login = "always"
    assert login(client, world)[0] != first


def test_an_unknown_rotation_policy_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="never, aged or always"):
        world.rotate_on_login = "sometimes"


def test_a_code_carries_the_key_of_its_issue(client: Client, world: World) -> None:
    code = world.login_code("bob")
    old = world.session_key("bob")
    world.rotate_session_key("bob")
    answer = client.exchange(code)
    assert answer["session_key"] == old != world.session_key("bob")
    assert client.signed(CHECK, old, answer["openid"])["errcode"] == 87009


def test_users_and_apps_have_keys_of_their_own(world: World) -> None:
    keys = {
        world.session_key("bob"),
        world.session_key("carol"),
        world.session_key("bob", OTHER_APPID),
    }
    assert len(keys) == 3


def test_a_key_lives_three_days_after_the_last_login(
    client: Client, world: World, clock: Clock
) -> None:
    world.rotate_on_login = "never"
    key, openid = login(client, world)
    clock.advance(2 * DAY)
    assert login(client, world)[0] == key
    clock.advance(3 * DAY - 1)
    assert client.signed(CHECK, key, openid)["errcode"] == 0
    clock.advance(1)
    assert client.signed(CHECK, key, openid)["errcode"] == 87007


def test_a_keys_life_can_be_absolute(client: Client, world: World, clock: Clock) -> None:
    world.rotate_on_login = "never"
    world.keys.slides = False
    key, _ = login(client, world)
    clock.advance(2 * DAY)
    assert login(client, world)[0] == key
    clock.advance(DAY)
    assert login(client, world)[0] != key


def test_check_says_ok_to_the_valid_key(client: Client, world: World) -> None:
    assert client.signed(CHECK, *login(client, world)) == {"errcode": 0, "errmsg": "ok"}


def test_check_and_reset_answer_as_json(client: Client) -> None:
    for path in (CHECK, RESET):
        kind = client.get(path).headers["Content-Type"]
        assert kind == "application/json; encoding=utf-8"


@pytest.mark.parametrize("path", [CHECK, RESET])
@pytest.mark.parametrize(
    ("changed", "errcode", "errmsg"),
    [
        ({"access_token": ""}, 41001, "access_token missing"),
        ({"access_token": "not a token"}, 40014, "invalid access_token"),
        ({"openid": ""}, 40097, "invalid args"),
        ({"signature": ""}, 40097, "invalid args"),
        ({"sig_method": ""}, 40097, "invalid args"),
        ({"sig_method": "hmac_sha1"}, 87008, "invalid sig_method"),
        ({"openid": "o" + "x" * 27}, 40003, "invalid openid"),
        ({"signature": "0" * 64}, 87009, "invalid signature"),
        ({"signature": "é"}, 87009, "invalid signature"),
    ],
)
def test_check_and_reset_refuse(
    client: Client, world: World, path: str, changed: dict[str, str], errcode: int, errmsg: str
) -> None:
    refused(client.signed(path, *login(client, world), **changed), errcode, errmsg, WXA_TAIL)


@pytest.mark.parametrize("path", [CHECK, RESET])
def test_a_signature_in_capitals_is_refused(client: Client, world: World, path: str) -> None:
    key, openid = login(client, world)
    signature = key_signature(key).upper()
    assert client.signed(path, key, openid, signature=signature)["errcode"] == 87009


@pytest.mark.parametrize("path", [CHECK, RESET])
def test_an_expired_key_is_said_to_be_gone(client: Client, world: World, path: str) -> None:
    key, openid = login(client, world)
    world.expire_session_key("bob")
    text = "session_key is not existd or expired"
    refused(client.signed(path, key, openid), 87007, text, WXA_TAIL)


def test_a_user_of_before_a_restart_has_no_key(client: Client, world: World) -> None:
    known = world.openid("bob")
    unseen = known[:-1] + ("A" if known[-1] != "A" else "B")
    assert client.signed(CHECK, world.session_key("bob"), unseen)["errcode"] == 87007


def test_an_openid_of_another_app_is_invalid(client: Client, world: World) -> None:
    openid = world.openid("bob", OTHER_APPID)
    key = world.session_key("bob", OTHER_APPID)
    assert client.signed(CHECK, key, openid)["errcode"] == 40003
    token = client.stable_token(appid=OTHER_APPID, secret=OTHER_SECRET)["access_token"]
    assert client.signed(CHECK, key, openid, access_token=token)["errcode"] == 0


@pytest.mark.parametrize("path", [CHECK, RESET])
def test_check_and_reset_must_be_get(client: Client, path: str) -> None:
    refused(client.post(path).json(), 43001, "require GET method", WXA_TAIL)


def test_reset_gives_a_fresh_key_and_the_old_one_dies(client: Client, world: World) -> None:
    old, openid = login(client, world)
    answer = client.signed(RESET, old, openid)
    assert list(answer) == ["errcode", "errmsg", "openid", "session_key"]
    assert (answer["errcode"], answer["errmsg"], answer["openid"]) == (0, "ok", openid)
    assert answer["session_key"] == world.session_key("bob") != old
    assert client.signed(CHECK, old, openid)["errcode"] == 87009
    assert client.signed(CHECK, answer["session_key"], openid)["errcode"] == 0


def test_a_reset_key_inherits_the_expiry(client: Client, world: World, clock: Clock) -> None:
    old, openid = login(client, world)
    clock.advance(2 * DAY)
    fresh = client.signed(RESET, old, openid)["session_key"]
    clock.advance(DAY - 1)
    assert client.signed(CHECK, fresh, openid)["errcode"] == 0
    clock.advance(1)
    assert client.signed(CHECK, fresh, openid)["errcode"] == 87007


def test_frequent_resets_of_one_user_are_refused(
    client: Client, world: World, clock: Clock
) -> None:
    key, openid = login(client, world)
    key = client.signed(RESET, key, openid)["session_key"]
    text = "api minute-quota reach limit  mustslower  retry next minute"
    refused(client.signed(RESET, key, openid), 45011, text, WXA_TAIL)
    assert client.signed(CHECK, key, openid)["errcode"] == 0
    assert client.signed(RESET, *login(client, world, "carol"))["errcode"] == 0
    clock.advance(60)
    assert client.signed(RESET, key, openid)["errcode"] == 0


def test_key_signature_gives_wechats_own_answers() -> None:
    key = "o0q0otL8aEzpcZL/FT9WsQ=="
    assert (
        key_signature(key, b'{"foo":"bar"}')
        == "654571f79995b2ce1e149e53c0a33dc39c0a74090db514261454e8dbe432aa0b"
    )
    assert key_signature(key) == "46e043c5525c2d817c44be603d30837a808a1d930d038f6fdc3e62a201fed128"
