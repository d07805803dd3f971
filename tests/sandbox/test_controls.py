import re

import pytest

from wxlogin.sandbox import World

from .client import OTHER_APPID, OTHER_SECRET, Client
from .test_open_data import opened


@pytest.mark.parametrize("sent", [{"data": {"user": "bob"}}, {"json": {"user": "bob"}}])
def test_a_code_is_for_the_user_asked_for(
    client: Client, world: World, sent: dict[str, dict[str, str]]
) -> None:
    answer = client.post("/sandbox/code", **sent).json()
    assert list(answer) == ["code"]
    assert client.exchange(answer["code"])["openid"] == world.openid("bob")


def test_a_browser_may_ask_with_a_query(client: Client, world: World) -> None:
    code = client.get("/sandbox/code", user="王小明").json()["code"]
    assert client.exchange(code)["openid"] == world.openid("王小明")


def test_the_user_is_alice_when_nobody_is_named(client: Client, world: World) -> None:
    for answer in (client.get("/sandbox/code"), client.post("/sandbox/code")):
        assert client.exchange(answer.json()["code"])["openid"] == world.openid("alice")


def test_the_body_goes_before_the_query(client: Client, world: World) -> None:
    code = client.post("/sandbox/code?user=bob", data={"user": "carol"}).json()["code"]
    assert client.exchange(code)["openid"] == world.openid("carol")


def test_a_code_is_for_the_app_asked_for(client: Client) -> None:
    code = client.get("/sandbox/code", appid=OTHER_APPID).json()["code"]
    assert "openid" in client.exchange(code, appid=OTHER_APPID, secret=OTHER_SECRET)


def test_a_phone_code_gives_a_number(client: Client) -> None:
    answer = client.post("/sandbox/phone-code", json={"user": "bob"}).json()
    assert list(answer) == ["code"]
    assert client.phone_number(client.token(), json=answer)["errcode"] == 0


def test_profile_and_phone_give_what_the_page_would_send(client: Client, world: World) -> None:
    profile = client.get("/sandbox/profile", user="bob").json()
    assert set(profile) == {"rawData", "signature", "encryptedData", "iv"}
    assert opened(profile, world.session_key("bob"))["openId"] == world.openid("bob")
    phone = client.post("/sandbox/phone", json={"user": "bob"}).json()
    assert set(phone) == {"encryptedData", "iv"}
    assert "phoneNumber" in opened(phone, world.session_key("bob"))


def test_rotate_puts_a_fresh_key_in_force_and_tells_nothing_of_it(
    client: Client, world: World
) -> None:
    before = world.session_key("bob")
    answer = client.post("/sandbox/rotate", data={"user": "bob"}).json()
    assert answer == {"user": "bob", "rotated": True}
    assert world.session_key("bob") != before
    after = world.session_key("bob")
    client.get("/sandbox/rotate", user="bob")
    assert world.session_key("bob") != after


def test_faults_are_queued_and_cleared(client: Client) -> None:
    fault = {"path": "/sns/jscode2session", "errcode": -1, "times": 2}
    assert client.post("/sandbox/faults", json=fault).json() == {"queued": 2}
    assert client.exchange("x")["errcode"] == -1
    url = client.server.base + "/sandbox/faults"
    assert client.http.delete(url, timeout=10).json() == {"cleared": True}
    assert client.exchange("x")["errcode"] == 40029


def test_the_help_page_lists_every_control(client: Client, world: World) -> None:
    answer = client.get("/sandbox/")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    for name in (
        "code",
        "phone-code",
        "realtime-phone-code",
        "profile",
        "phone",
        "rotate",
        "risk",
        "push",
        "webhooks",
        "faults",
    ):
        assert re.search(rf"/sandbox/{name}\b", answer.text)
    assert client.get("/sandbox").text == answer.text


@pytest.mark.parametrize(
    ("path", "sent", "sentence"),
    [
        ("code", {"data": {"user": ""}}, "user must be 1 to 64 printable characters"),
        ("code", {"data": {"user": "x" * 65}}, "user must be 1 to 64 printable characters"),
        ("profile", {"data": {"user": "a\nb"}}, "user must be 1 to 64 printable characters"),
        ("phone", {"json": {"user": 5}}, "user and appid must be text"),
        ("code", {"json": {"appid": "wx0"}}, "appid is not registered with the sandbox"),
        ("rotate", {"data": {"users": "bob"}}, "unknown field 'users': use user, appid"),
        ("code", {"data": '{"user":"bob"}'}, "header Content-Type: application/json"),
        ("code", {"json": ["bob"]}, "the body must be a JSON object"),
        ("faults", {"json": {"path": "/x"}}, "path must be one of"),
        ("faults", {"json": {"path": 5}}, "path must be text"),
        ("faults", {"json": {"path": "/sns/jscode2session", "delay": 99}}, "delay must be"),
        ("faults", {"json": {"path": "/sns/jscode2session", "time": 9}}, "unknown field 'time'"),
    ],
)
def test_bad_input_is_told_what_to_do(
    client: Client, path: str, sent: dict[str, object], sentence: str
) -> None:
    if isinstance(sent.get("data"), str):
        sent = {**sent, "headers": {"Content-Type": "application/x-www-form-urlencoded"}}
    answer = client.post(f"/sandbox/{path}", **sent)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert sentence in answer.json()["error"]


@pytest.mark.parametrize("body", [b"{", b"", b"[" * 60000])
def test_a_body_that_is_not_json_is_told_so(client: Client, body: bytes) -> None:
    kind = {"Content-Type": "application/json"}
    answer = client.post("/sandbox/code", data=body, headers=kind)
    assert answer.status_code == 400
    assert "the body must be a JSON object" in answer.json()["error"]


def test_what_is_not_there_points_to_the_help_page(client: Client) -> None:
    for path, status in (("/sandbox/nothing", 404), ("/sandbox/push", 405)):
        answer = client.get(path)
        assert answer.status_code == status
        assert "See /sandbox/" in answer.json()["error"]


def test_a_body_over_64_kib_is_refused(client: Client) -> None:
    for sent in ({"data": {"user": "x" * 70000}}, {"json": {"user": "x" * 70000}}):
        answer = client.post("/sandbox/code", **sent)
        assert answer.status_code == 413
        assert "error" in answer.json()


def test_controls_are_not_counted_as_calls_to_wechat(client: Client, world: World) -> None:
    client.post("/sandbox/code")
    assert not world.calls


def test_an_event_is_pushed_to_this_machine_alone(client: Client) -> None:
    for url in ("", "http://example.org/", "ftp://127.0.0.1/", "http://10.0.0.1/"):
        answer = client.post("/sandbox/push", data={"url": url, "mode": "plain"})
        assert answer.status_code == 400
        assert answer.json()["error"].startswith("url must be")


@pytest.mark.parametrize("text", ["3", "-1", "", "many"])
def test_a_push_comes_again_twice_at_most(client: Client, text: str) -> None:
    fields = {"url": "http://127.0.0.1:1/", "mode": "plain", "resend": text}
    answer = client.post("/sandbox/push", data=fields)
    assert answer.json()["error"] == "resend must be a number from 0 to 2"


def test_a_push_that_nobody_takes_says_so(client: Client) -> None:
    fields = {"url": "http://127.0.0.1:1/", "mode": "plain", "event": "user_info_modified"}
    answer = client.post("/sandbox/push", data=fields).json()
    assert answer == {"status": 0, "answer": "ConnectionError"}
