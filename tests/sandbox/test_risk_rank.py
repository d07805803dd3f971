from typing import Any

import pytest

from wxlogin.sandbox import World

from .client import APPID, OTHER_APPID, WXA_TAIL, Client, Clock
from .client import assert_refused as refused

PATH = "/wxa/getuserriskrank"


def ask(client: Client, world: World, user: str = "bob", **changed: Any) -> dict[str, Any]:
    """What WeChat says of a user, after a visit."""
    openid = client.exchange(world.login_code(user))["openid"]
    return rank(client, openid, **changed)


def rank(client: Client, openid: str, **changed: Any) -> dict[str, Any]:
    body = {"appid": APPID, "openid": openid, "scene": 0, "client_ip": "203.0.113.9"}
    query = {"access_token": client.token()}
    found: dict[str, Any] = client.post(PATH, params=query, json=body | changed).json()
    return found


def test_everybody_begins_with_rank_0(client: Client, world: World) -> None:
    answer = ask(client, world)
    assert isinstance(answer.pop("unoin_id"), int)
    assert answer == {"errcode": 0, "errmsg": "getuserriskrank succ", "risk_rank": 0}
    assert list(world.ranked) == [("bob", "203.0.113.9")]


@pytest.mark.parametrize("given", [0, 1, 2, 3, 4])
def test_a_user_gets_the_rank_that_is_set(client: Client, world: World, given: int) -> None:
    set_by_hand = client.post("/sandbox/risk", data={"user": "bob", "rank": str(given)})
    assert set_by_hand.json() == {"user": "bob", "rank": given}
    assert ask(client, world)["risk_rank"] == given
    assert ask(client, world, "carol")["risk_rank"] == 0


def test_other_ranks_are_refused(client: Client, world: World) -> None:
    for text in ("5", "-1", "high", ""):
        assert client.post("/sandbox/risk", data={"rank": text}).status_code == 400
    for number in (5, -1, True):
        with pytest.raises(ValueError, match="0 to 4"):
            world.set_risk_rank("bob", number)


def test_a_visit_counts_for_two_hours(client: Client, world: World, clock: Clock) -> None:
    openid = client.exchange(world.login_code("bob"))["openid"]
    clock.advance(7_199)
    assert rank(client, openid)["risk_rank"] == 0
    clock.advance(1)
    refused(rank(client, openid), 61010, "code is expired", WXA_TAIL)


def test_what_is_wrong_is_refused(client: Client, world: World) -> None:
    refused(ask(client, world, scene=2), 40097, "invalid args", WXA_TAIL)
    refused(ask(client, world, client_ip="home"), 40097, "invalid args", WXA_TAIL)
    refused(ask(client, world, scene="0"), 47001, "data format error", WXA_TAIL)
    refused(ask(client, world, appid=OTHER_APPID), 40013, "invalid appid", WXA_TAIL)
    refused(rank(client, "o" + "x" * 27), 40003, "invalid openid", WXA_TAIL)
