import re

import pytest

from wxlogin.sandbox import World

from .client import APPID, CGI_TAIL, OTHER_APPID, OTHER_SECRET, WXA_TAIL, Client, Clock
from .client import assert_refused as refused

STABLE = "/cgi-bin/stable_token"
PLAIN = "/cgi-bin/token"


def verdict(client: Client, token: str) -> int:
    """What a call that needs a token says to this one; 40097 is past the token."""
    return client.get("/wxa/checksession", access_token=token).json()["errcode"]


ALIVE, REPLACED, EXPIRED = 40097, 40001, 42001


def test_a_token_has_wechats_shape_and_two_hours(client: Client) -> None:
    for answer in (client.stable_token(), client.plain_token()):
        assert list(answer) == ["access_token", "expires_in"]
        assert re.fullmatch(r"[0-9]{2}_[A-Za-z0-9_-]{100,509}", answer["access_token"])
        assert answer["expires_in"] == 7200
        assert verdict(client, answer["access_token"]) == ALIVE


def test_stable_gives_the_same_token_and_what_is_left_of_it(client: Client, clock: Clock) -> None:
    first = client.stable_token()
    clock.advance(6900)
    again = client.stable_token()
    assert again == {"access_token": first["access_token"], "expires_in": 300}


def test_stable_renews_under_five_minutes_and_both_work_for_five(
    client: Client, clock: Clock
) -> None:
    old = client.token()
    clock.advance(6901)
    renewed = client.stable_token()
    assert renewed["access_token"] != old
    assert renewed["expires_in"] == 7200
    clock.advance(299)
    assert verdict(client, old) == verdict(client, renewed["access_token"]) == ALIVE
    clock.advance(1)
    assert verdict(client, old) == REPLACED
    assert verdict(client, renewed["access_token"]) == ALIVE


def test_a_token_nobody_renews_expires(client: Client, clock: Clock) -> None:
    token = client.token()
    clock.advance(7199)
    assert verdict(client, token) == ALIVE
    clock.advance(1)
    assert verdict(client, token) == EXPIRED
    client.token()
    assert verdict(client, token) == EXPIRED


def test_force_kills_the_old_token_at_once(client: Client) -> None:
    old = client.token()
    forced = client.stable_token(force_refresh=True)
    assert forced["expires_in"] == 7200
    assert verdict(client, old) == REPLACED
    assert verdict(client, forced["access_token"]) == ALIVE
    assert client.token() == forced["access_token"]


def test_force_kills_the_token_in_its_overlap_too(client: Client, clock: Clock) -> None:
    old = client.token()
    clock.advance(6901)
    client.token()
    client.stable_token(force_refresh=True)
    assert verdict(client, old) == REPLACED


def test_force_within_30_seconds_refreshes_nothing(client: Client, clock: Clock) -> None:
    first = client.stable_token(force_refresh=True)["access_token"]
    clock.advance(29)
    assert client.stable_token(force_refresh=True)["access_token"] == first
    clock.advance(1)
    assert client.stable_token(force_refresh=True)["access_token"] != first


def test_force_works_twenty_times_a_day(client: Client, clock: Clock) -> None:
    tokens = set()
    for _ in range(20):
        tokens.add(client.stable_token(force_refresh=True)["access_token"])
        clock.advance(30)
    assert len(tokens) == 20
    answer = client.stable_token(force_refresh=True)
    assert answer["errcode"] == 45009
    assert answer["errmsg"].startswith("reach max api daily quota limit")
    assert client.token() in tokens
    other = client.stable_token(appid=OTHER_APPID, secret=OTHER_SECRET, force_refresh=True)
    assert "access_token" in other
    clock.advance(86400)
    assert client.stable_token(force_refresh=True)["access_token"] not in tokens


def test_plain_gives_a_fresh_token_and_the_old_one_five_minutes(
    client: Client, clock: Clock
) -> None:
    old = client.plain_token()["access_token"]
    fresh = client.plain_token()["access_token"]
    assert fresh != old
    clock.advance(299)
    assert verdict(client, old) == ALIVE
    clock.advance(1)
    assert verdict(client, old) == REPLACED
    assert verdict(client, fresh) == ALIVE


def test_the_two_families_leave_each_other_alone(client: Client, clock: Clock) -> None:
    stable = client.token()
    plain = client.plain_token()["access_token"]
    client.stable_token(force_refresh=True)
    clock.advance(300)
    assert verdict(client, stable) == REPLACED
    assert verdict(client, plain) == ALIVE
    assert verdict(client, client.token()) == ALIVE


def test_apps_have_tokens_of_their_own(client: Client) -> None:
    other = client.stable_token(appid=OTHER_APPID, secret=OTHER_SECRET)["access_token"]
    assert other != client.token()
    client.stable_token(force_refresh=True)
    assert verdict(client, other) == ALIVE


def test_tokens_can_be_killed_by_a_test(client: Client, world: World) -> None:
    stable, plain = client.token(), client.plain_token()["access_token"]
    other = client.stable_token(appid=OTHER_APPID, secret=OTHER_SECRET)["access_token"]
    world.invalidate_access_tokens()
    assert verdict(client, stable) == verdict(client, plain) == REPLACED
    assert verdict(client, other) == ALIVE
    assert verdict(client, client.token()) == ALIVE


def test_a_reset_secret_is_needed_for_the_next_token_and_live_ones_survive(
    client: Client, world: World
) -> None:
    token = client.token()
    world.set_secret(APPID, "a" * 32)
    assert client.stable_token()["errcode"] == 40125
    assert client.stable_token(secret="a" * 32)["access_token"] == token
    assert verdict(client, token) == ALIVE


@pytest.mark.parametrize(
    ("changed", "errcode", "errmsg"),
    [
        ({"grant_type": "", "appid": ""}, 40002, "invalid grant_type"),
        ({"grant_type": "authorization_code"}, 40002, "invalid grant_type"),
        ({"appid": "", "secret": ""}, 41002, "appid missing"),
        ({"appid": "wx0000000000000000", "secret": ""}, 41004, "appsecret missing"),
        ({"appid": "wx0000000000000000"}, 40013, "invalid appid"),
        ({"secret": "f" * 32}, 40125, "invalid appsecret"),
    ],
)
def test_both_token_calls_refuse(
    client: Client, changed: dict[str, str], errcode: int, errmsg: str
) -> None:
    refused(client.stable_token(**changed), errcode, errmsg, CGI_TAIL)
    refused(client.plain_token(**changed), errcode, errmsg, CGI_TAIL)


@pytest.mark.parametrize(
    ("body", "errcode", "errmsg"),
    [
        (b"", 44002, "empty post data"),
        (b"appid=x&secret=y", 47001, "data format error"),
        (b'{"appid": ', 47001, "data format error"),
        (b"[1]", 47001, "data format error"),
        (b"\xff\xfe\xfd", 47001, "data format error"),
        (b"[" * 60000, 47001, "data format error"),
        (b'{"appid": 1}', 47001, "data format error"),
        (b'{"force_refresh": "yes"}', 47001, "data format error"),
        (b" " * (64 * 1024 + 1), 45002, "content size out of limit"),
    ],
)
def test_stable_refuses_a_body_it_cannot_read(
    client: Client, body: bytes, errcode: int, errmsg: str
) -> None:
    answer = client.post(STABLE, data=body)
    assert answer.status_code == 200
    refused(answer.json(), errcode, errmsg, CGI_TAIL)


def test_each_token_call_wants_its_method(client: Client) -> None:
    refused(client.get(STABLE).json(), 43002, "require POST method", CGI_TAIL)
    refused(client.post(PLAIN).json(), 43001, "require GET method", CGI_TAIL)


def test_an_unknown_token_is_not_the_latest(client: Client) -> None:
    answer = client.get("/wxa/checksession", access_token="10_" + "x" * 128).json()
    text = (
        "invalid credential, access_token is invalid or not latest, could get access_token by "
        "getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r"
    )
    refused(answer, 40001, text, WXA_TAIL)


def test_a_token_dead_for_a_day_is_forgotten(client: Client, clock: Clock) -> None:
    token = client.token()
    clock.advance(7200 + 86400)
    assert verdict(client, token) == EXPIRED
    client.token()
    assert verdict(client, token) == REPLACED
