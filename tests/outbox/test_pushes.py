"""What WeChat pushes is told to the team's own systems, without what WeChat knows users by."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.sql import ids_of
from tests.harness.team import Team, dispatch
from tests.harness.timing import eventually
from wxlogin.outbox import EventType
from wxlogin.sandbox import push
from wxlogin.sandbox.push import Mode, PushConfig

KEYS = PushConfig(APPID, "AAAAA", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")
numbers = count(1)

pytestmark = pytest.mark.settings(
    WXLOGIN_WX_PUSH_TOKEN=KEYS.token, WXLOGIN_WX_PUSH_AES_KEY=KEYS.aes_key
)


def tell(site: Site, event: str, mode: Mode = "secure", **fields: str) -> None:
    """Push an event about Alice."""
    told: dict[str, Any] = {
        "FromUserName": site.sandbox.world.openid("alice"),
        "CreateTime": int(site.clock()) + next(numbers),
        "MsgType": "event",
        "Event": event,
        "OpenID": site.sandbox.world.openid("alice"),
        **fields,
    }
    request = push.request(KEYS, told, site.clock(), mode)
    answer = site.request("POST", f"/v1/push/{APPID}", params=request.query, data=request.body)
    assert answer.text == "success"


@pytest.fixture(autouse=True)
def alice(site: Site, phone: Phone) -> dict[str, str | None]:
    """Alice, signed in: the ids that stand in every body about her."""
    phone.login()
    return ids_of(site, phone.user_id)


def test_what_a_user_withdraws_is_told_by_wechats_codes(
    site: Site, team: Team, alice: dict[str, str | None]
) -> None:
    team.subscribe(site, EventType.AUTHORIZATION_REVOKED)
    tell(site, "user_authorization_revoke", RevokeInfo="13,8")
    tell(site, "user_authorization_revoke")
    dispatch(site)
    assert [one.event["data"] for one in team.got] == [
        {**alice, "revoked": ["13", "8"]},
        {**alice, "revoked": []},
    ]


def test_a_modified_profile_and_a_user_who_leaves_are_told(site: Site, team: Team) -> None:
    team.subscribe(site, EventType.AUTHORIZATION_MODIFIED, EventType.USER_ERASED)
    tell(site, "user_info_modified")
    dispatch(site)
    tell(site, "user_authorization_cancellation")
    dispatch(site)
    assert team.names() == ["authorization.modified", "user.erased"]


@pytest.mark.parametrize("mode", ["plain", "compatible", "secure"])
def test_any_other_message_is_passed_on_without_openids(
    site: Site, team: Team, alice: dict[str, str | None], mode: Mode
) -> None:
    team.subscribe(site, EventType.PUSH_RECEIVED)
    openid = site.sandbox.world.openid("alice")
    tell(site, "user_enter_tempsession", mode, SessionFrom=f"page?u={openid}")
    dispatch(site)
    [got] = team.got
    data = got.event["data"]
    assert openid not in got.body
    assert data["message"]["Event"] == "user_enter_tempsession"
    assert data["message"]["SessionFrom"] == "page?u="
    assert {name: data[name] for name in alice} == alice
    assert data["encrypted"] is (mode != "plain")


@pytest.mark.parametrize("spelled", ["OpenId", "openid"])
def test_an_openid_is_found_however_wechat_spells_it_and_wherever_it_stands(
    site: Site, team: Team, alice: dict[str, str | None], spelled: str
) -> None:
    team.subscribe(site, EventType.PUSH_RECEIVED)
    openid = site.sandbox.world.openid("alice")
    other = "o-of-somebody-else-in-the-message"
    tell(
        site,
        "xpay_goods_deliver_notify",
        FromUserName="gh_of-the-platform",
        OpenID="",
        **{spelled: openid},
        MiniGame=json.dumps({"Payload": json.dumps({"OpenId": other, "OutTradeNo": "1"})}),
        WeChatPayInfo=f"paid by {other}",
    )
    dispatch(site)
    [got] = team.got
    assert openid not in got.body
    assert other not in got.body
    assert {name: got.event["data"][name] for name in alice} == alice


def test_two_pushes_of_one_second_are_both_told(site: Site, team: Team) -> None:
    team.subscribe(site, EventType.PUSH_RECEIVED)
    at = int(site.clock())
    for order in ("1", "2", "2"):
        tell(site, "xpay_goods_deliver_notify", CreateTime=str(at), OutTradeNo=order)
    dispatch(site)
    told = [one.event["data"]["message"]["OutTradeNo"] for one in team.got]
    assert told == ["1", "2"]


def test_a_very_long_message_is_told_without_its_text(site: Site, team: Team) -> None:
    team.subscribe(site, EventType.PUSH_RECEIVED)
    tell(site, "long", Content="x" * 40_000)
    dispatch(site)
    assert team.got[0].event["data"]["message"] is None


def test_a_privacy_event_about_nobody_here_is_told_to_nobody(site: Site, team: Team) -> None:
    team.subscribe(site)
    tell(site, "user_authorization_revoke", OpenID="o-of-somebody-who-never-came")
    dispatch(site)
    assert team.got == []


def test_a_push_is_answered_while_the_webhook_that_it_is_told_to_hangs(
    make_site: Callable[..., Site], team: Team
) -> None:
    site = make_site()
    asked, over = threading.Event(), threading.Event()
    team.answer = lambda _number: 204 if asked.set() or over.wait(60) else 500
    team.subscribe(site, EventType.PUSH_RECEIVED)
    try:
        tell(site, "user_enter_tempsession")
        assert asked.wait(30)
        tell(site, "user_enter_tempsession")
        assert team.got == []
    finally:
        over.set()
    eventually(lambda: len(team.accepted()) == 2)
