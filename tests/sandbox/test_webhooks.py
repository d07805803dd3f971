import json
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from standardwebhooks import Webhook

from .client import Client, Clock

PATH = "/sandbox/webhooks"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
BODY = '{"type":"user.created","data":{"user":"u"}}'


def add(client: Client, secret: str = SECRET) -> requests.Response:
    return client.post(f"{PATH}/secret", data={"secret": secret})


def send(
    client: Client, clock: Clock, body: str = BODY, secret: str = SECRET, **changed: str
) -> int:
    """Send a webhook as Standard Webhooks signs it; the status of the answer."""
    at = datetime.fromtimestamp(int(clock()), UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(clock())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body),
    }
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    return client.post(PATH, data=body.encode(), headers=headers).status_code


def listed(client: Client) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(f"{PATH}.json").json()["items"]
    return items


def page(client: Client, language: str) -> requests.Response:
    url = client.server.base + PATH
    return client.http.get(url, headers={"Accept-Language": language}, timeout=10)


def test_what_arrives_is_shown_with_whether_it_verified(client: Client, clock: Clock) -> None:
    assert send(client, clock) == 204
    assert add(client).json() == {"added": True}
    assert send(client, clock) == 204
    assert send(client, clock, secret=OLD_SECRET) == 401
    assert [item["verified"] for item in listed(client)] == [False, True, None]
    newest = listed(client)[0]
    assert (newest["id"], newest["type"]) == ("msg_1", "user.created")
    assert (newest["at"], json.loads(newest["body"])) == (clock(), json.loads(BODY))


def test_any_of_two_secrets_and_any_of_two_signatures_verifies(
    client: Client, clock: Clock
) -> None:
    add(client, OLD_SECRET)
    add(client)
    assert send(client, clock) == 204
    assert send(client, clock, secret=OLD_SECRET) == 204
    at = datetime.fromtimestamp(int(clock()), UTC)
    both = f"v1,AAAA {Webhook(SECRET).sign('msg_1', at, BODY)}"
    assert send(client, clock, webhook_signature=both) == 204


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook_id": "msg_2"},
        {"webhook_timestamp": "1700000001"},
        {"webhook_timestamp": "now"},
        {"webhook_timestamp": ""},
        {"webhook_signature": ""},
        {"webhook_signature": "v1,"},
        {"webhook_signature": "v2,AAAA"},
    ],
)
def test_what_was_changed_does_not_verify(
    client: Client, clock: Clock, changed: dict[str, str]
) -> None:
    add(client)
    assert send(client, clock, **changed) == 401
    assert listed(client)[0]["verified"] is False


def test_a_request_verifies_for_five_minutes(client: Client, clock: Clock) -> None:
    add(client)
    at = datetime.fromtimestamp(int(clock()), UTC)
    signed = {
        "webhook_timestamp": str(int(clock())),
        "webhook_signature": Webhook(SECRET).sign("msg_1", at, BODY),
    }
    clock.advance(300)
    assert send(client, clock, **signed) == 204
    clock.advance(1)
    assert send(client, clock, **signed) == 401


def test_the_last_fifty_are_kept_and_long_bodies_cut(client: Client, clock: Clock) -> None:
    for number in range(60):
        send(client, clock, webhook_id=f"msg_{number}")
    assert [item["id"] for item in listed(client)] == [f"msg_{n}" for n in range(59, 9, -1)]
    send(client, clock, json.dumps({"type": "x" * 1000, "data": "y" * 60_000}))
    newest = listed(client)[0]
    assert (len(newest["type"]), len(newest["body"])) == (80, 8_194)
    assert client.http.delete(client.server.base + PATH, timeout=10).json() == {"cleared": True}
    assert listed(client) == []


@pytest.mark.parametrize("body", ["", "[1]", "{", '{"type": 5}', "[" * 50_000])
def test_what_is_no_event_is_shown_too(client: Client, clock: Clock, body: str) -> None:
    assert send(client, clock, body) == 204
    assert listed(client)[0]["type"] == "?"


def test_a_secret_that_is_none_is_refused(client: Client) -> None:
    for text in ("", "whsec_", "whsec_AAAA", "whsec_!", SECRET.removeprefix("whsec_")):
        assert add(client, text).status_code == 400


def test_the_page_speaks_the_readers_language(client: Client, clock: Clock) -> None:
    assert "Nothing yet" in page(client, "en").text
    assert "还没有收到" in page(client, "zh-CN,zh;q=0.9").text
    assert "Nothing yet" in page(client, "fr").text
    add(client)
    send(client, clock)
    send(client, clock, webhook_id="msg_2")
    shown = page(client, "zh").text
    assert ("签名验证通过" in shown, "签名验证未通过" in shown) == (True, True)
    assert "user.created" in shown


def test_the_page_runs_nothing_that_a_body_brings(client: Client, clock: Clock) -> None:
    send(client, clock, '{"type": "<script>x</script>", "data": "<img src=x>"}')
    answer = page(client, "en")
    assert "<script" not in answer.text
    assert "<img" not in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "unsafe" not in policy
    style = client.get(f"{PATH}.css")
    assert style.headers["Content-Type"] == "text/css; charset=utf-8"
