import json
from typing import Any

import pytest

from wxlogin.sandbox import Fault, World

from .client import OTHER_APPID, OTHER_SECRET, WXA_TAIL, Client, Clock
from .client import assert_refused as refused

PATH = "/wxa/msg_sec_check"


def check(client: Client, content: str, openid: str, token: str = "", **changed: Any) -> Any:
    body = {"version": 2, "scene": 1, "openid": openid, "content": content, **changed}
    sent = json.dumps(body, ensure_ascii=False).encode()
    query = {"access_token": token or client.token()}
    return client.post(PATH, params=query, data=sent).json()


@pytest.fixture
def bob(world: World) -> str:
    world.login_code("bob")
    return world.openid("bob")


@pytest.mark.parametrize(
    ("content", "suggest", "label"),
    [
        ("小明", "pass", 100),
        ("上网赌博", "risky", 20002),
        ("a risky name", "risky", 20002),
        ("疑似", "review", 21000),
    ],
)
def test_a_text_is_judged_by_its_words(
    client: Client, bob: str, content: str, suggest: str, label: int
) -> None:
    answer = check(client, content, bob)
    assert (answer["errcode"], answer["errmsg"]) == (0, "ok")
    assert answer["result"] == {"suggest": suggest, "label": label}
    assert answer["detail"][0]["suggest"] == suggest
    assert answer["trace_id"]


def test_escaped_characters_are_not_read(client: Client, bob: str) -> None:
    body = {"version": 2, "scene": 1, "openid": bob, "content": "赌博"}
    answer = client.post(PATH, params={"access_token": client.token()}, json=body).json()
    assert answer["result"]["suggest"] == "pass"


def test_only_visitors_of_the_last_two_hours_are_checked(
    client: Client, bob: str, world: World, clock: Clock
) -> None:
    clock.advance(7199)
    assert check(client, "小明", bob)["errcode"] == 0
    clock.advance(1)
    refused(check(client, "小明", bob), 61010, "code is expired", WXA_TAIL)
    world.login_code("bob")
    assert check(client, "小明", bob)["errcode"] == 0


def test_the_user_must_be_the_apps(client: Client, bob: str, world: World) -> None:
    refused(check(client, "小明", "o" * 28), 40003, "invalid openid", WXA_TAIL)
    other = client.stable_token(appid=OTHER_APPID, secret=OTHER_SECRET)["access_token"]
    refused(check(client, "小明", bob, other), 43104, "appid not match openid", WXA_TAIL)


def test_what_it_cannot_read_is_refused(client: Client, bob: str) -> None:
    refused(check(client, "小明", bob, scene=5), 40129, "invalid scene", WXA_TAIL)
    refused(check(client, "x" * 2501, bob), 45002, "content size out of limit", WXA_TAIL)
    assert check(client, "小明", bob, "nonsense")["errcode"] == 40014
    assert client.get(PATH).json()["errcode"] == 43002


def test_faults_of_it_can_be_queued(client: Client, bob: str) -> None:
    client.server.faults.queue(PATH, Fault(errcode=61010))
    assert [check(client, "小明", bob)["errcode"] for _ in range(2)] == [61010, 0]
