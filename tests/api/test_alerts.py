"""Alerts on their way: once a rule, subject and hour, to whom the settings name."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.harness.receiver import KEY, RULE, Answer, Receiver
from tests.harness.site import Site
from tests.harness.timing import eventually
from tests.harness.watched import alerts
from wxlogin.watch.alert_delivery import MAX_ATTEMPTS
from wxlogin.watch.alerts import MAX_SUBJECTS
from wxlogin.watch.robots import DINGTALK, FEISHU, WECOM, Robot

FORGED = {"Authorization": "Bearer wxs_" + "A" * 108}


def attack(site: Site, address: str = "192.0.2.1") -> None:
    """Enough forged tokens for an alert."""
    forge(site, address)
    alerts(site)


def forge(site: Site, address: str) -> None:
    """Send as many forged tokens as it takes."""
    for _ in range(4):
        site.request("GET", "/v1/session", headers={**FORGED, "X-Forwarded-For": address})


def deliver(site: Site) -> None:
    """Have the site post what is due."""
    site.app.extensions["wxlogin"].watch.recorder.alerts.deliver()


def test_an_alert_says_what_who_how_many_and_what_to_do(
    watched: Callable[..., Site], receiver: Receiver
) -> None:
    site = watched()
    attack(site)
    deliver(site)
    (got,) = receiver.got
    text = got.pop("text")
    assert got == {
        "state": "raised",
        "rule": "fail_ip",
        "severity": "warning",
        "title": "Many forged tokens or bad codes from one address",
        "subject_kind": "address",
        "subject": "192.0.2.1",
        "count": 4,
        "window": 600,
        "threshold": 3,
        "logins": 0,
        "failures": 0,
        "at": got["at"],
        "advice": got["advice"],
        "console": None,
    }
    assert "Who: address `192.0.2.1`" in text
    assert "How many: 4 times within 10 min; the alert is at more than 3" in text
    assert "What to do: Block the address" in text


def test_a_robot_gets_markdown(watched: Callable[..., Site], receiver: Receiver) -> None:
    site = watched(receiver.robot)
    attack(site)
    deliver(site)
    (got,) = receiver.got
    assert got["msgtype"] == "markdown"
    content = got["markdown"]["content"]
    assert "Many forged tokens or bad codes from one address" in content
    assert "> Who: address `192.0.2.1`" in content
    assert len(content.encode()) < 4096


@pytest.mark.parametrize("robot", [WECOM, FEISHU, DINGTALK], ids=["WeCom", "Feishu", "DingTalk"])
def test_each_robot_gets_the_alert_in_chinese_with_a_link_into_the_console(
    watched: Callable[..., Site], receiver: Receiver, robot: Robot
) -> None:
    site = watched(
        f"{receiver.base}{robot.path}?access_token={KEY}",
        WXLOGIN_ALERT_LANGUAGE="zh",
        WXLOGIN_PUBLIC_URL="https://login.example.com",
    )
    attack(site)
    deliver(site)
    (got,) = receiver.got
    text = json.dumps(got, ensure_ascii=False)
    assert "同一地址大量伪造令牌或无效 code" in text
    assert "查看: https://login.example.com/admin/alerts?rule=fail_ip" in text
    assert "UTC+08:00" in text


@pytest.mark.parametrize("robot", [FEISHU, DINGTALK], ids=["Feishu", "DingTalk"])
def test_an_alert_is_signed_as_its_robot_wants_it(
    watched: Callable[..., Site], receiver: Receiver, robot: Robot
) -> None:
    secret = "SEC-of-this-robot-0123456789"
    site = watched(
        f"{receiver.base}{robot.path}?access_token={KEY}", WXLOGIN_ALERT_WEBHOOK_SECRET=secret
    )
    site.secrets.add(secret)
    attack(site)
    deliver(site)
    (got,), (path,) = receiver.got, receiver.paths
    signed = got if robot is FEISHU else dict(parse_qsl(urlsplit(path).query))
    text = f"{signed['timestamp']}\n{secret}".encode()
    key, message = (text, b"") if robot is FEISHU else (secret.encode(), text)
    mac = hmac.digest(key, message, hashlib.sha256)
    assert signed["sign"] == base64.b64encode(mac).decode()
    seconds = int(signed["timestamp"]) / (1 if robot is FEISHU else 1000)
    assert abs(seconds - site.clock()) <= 1


@pytest.mark.parametrize(
    ("robot", "refusal"),
    [(FEISHU, '{"code": 19024, "msg": "Key Words Not Found"}'), (DINGTALK, '{"errcode": 310000}')],
    ids=["Feishu", "DingTalk"],
)
def test_a_robot_that_refuses_is_asked_again(
    watched: Callable[..., Site], receiver: Receiver, robot: Robot, refusal: str
) -> None:
    site = watched(f"{receiver.base}{robot.path}?access_token={KEY}")
    receiver.answers = [Answer(200, refusal), Answer(200, '{"code": 0, "errcode": 0}')]
    attack(site)
    deliver(site)
    assert alerts(site)[0].delivered_at is None
    site.clock.forward(10)
    deliver(site)
    assert alerts(site)[0].delivered_at is not None


def test_an_alert_is_posted_by_a_thread_of_its_own(
    watched: Callable[..., Site], receiver: Receiver
) -> None:
    attack(watched())
    eventually(lambda: receiver.got)


def test_two_workers_post_it_once(watched: Callable[..., Site], receiver: Receiver) -> None:
    sites = [watched(), watched()]
    for _ in range(3):
        for site in sites:
            attack(site)
            deliver(site)
    assert len(receiver.got) == 1
    sites[0].clock.forward(3600)
    for site in sites:
        attack(site)
    for site in sites:
        deliver(site)
    assert len(receiver.got) == 2


def test_each_subject_has_its_alert(watched: Callable[..., Site], receiver: Receiver) -> None:
    site = watched()
    for n in range(3):
        attack(site, f"192.0.2.{n}")
    deliver(site)
    assert {got["subject"] for got in receiver.got} == {f"192.0.2.{n}" for n in range(3)}


def test_a_flood_of_subjects_is_no_flood_of_messages(
    watched: Callable[..., Site], receiver: Receiver
) -> None:
    site = watched()
    for n in range(MAX_SUBJECTS + 5):
        attack(site, f"192.0.2.{n}")
    deliver(site)
    assert len(receiver.got) == MAX_SUBJECTS + 1
    assert receiver.got[-1]["subject"] == "others"


def test_a_subject_that_another_worker_raised_is_none_of_the_others(
    watched: Callable[..., Site], receiver: Receiver
) -> None:
    first, second = watched(), watched()
    for n in range(MAX_SUBJECTS):
        attack(first, f"192.0.2.{n}")
    attack(second, "192.0.2.0")
    deliver(second)
    assert len(receiver.got) == MAX_SUBJECTS
    assert "others" not in {got["subject"] for got in receiver.got}


@pytest.mark.parametrize(
    "refusal",
    [
        Answer(500),
        Answer(404),
        Answer(302, location="http://127.0.0.1:1/"),
        Answer(200, '{"errcode": 45009}'),
        Answer(200, "<html>"),
        Answer(200, '{"errcode": null}'),
        Answer(200, '{"errcode": 1e999}'),
        Answer(200, "[" * 4000),
    ],
    ids=["500", "404", "a redirect", "over its limit", "no JSON", "null", "no number", "nested"],
)
def test_what_is_not_taken_is_posted_again(
    watched: Callable[..., Site], receiver: Receiver, refusal: Answer
) -> None:
    site = watched(receiver.robot)
    receiver.answers = [refusal, refusal]
    attack(site)
    deliver(site)
    for seconds, posts in ((9, 1), (1, 2), (19, 2), (1, 3), (300, 3)):
        site.clock.forward(seconds)
        deliver(site)
        assert len(receiver.got) == posts
    assert alerts(site)[0].delivered_at is not None


def test_another_worker_goes_on_with_what_one_left(
    watched: Callable[..., Site], receiver: Receiver
) -> None:
    first, second = watched(), watched()
    receiver.answers = [Answer(500)]
    attack(first)
    deliver(first)
    first.app.extensions["wxlogin"].watch.recorder.stop()
    second.clock.forward(10)
    deliver(second)
    assert len(receiver.got) == 2


def test_a_receiver_that_never_takes_it_is_given_up(
    watched: Callable[..., Site], receiver: Receiver
) -> None:
    site = watched("http://127.0.0.1:1/alerts?key=" + KEY)
    attack(site)
    for _ in range(MAX_ATTEMPTS + 5):
        deliver(site)
        site.clock.forward(7200)
    (alert,) = alerts(site)
    assert (alert.attempts, alert.next_at, alert.delivered_at) == (MAX_ATTEMPTS, None, None)


def test_without_a_webhook_an_alert_is_written_down_alone(make_site: Callable[..., Site]) -> None:
    site = make_site(**RULE)
    attack(site)
    (alert,) = alerts(site)
    assert (alert.rule, alert.next_at) == ("fail_ip", None)
