"""WeChat's message push: what it does about a user's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import requests

from tests.admin.people import told
from tests.api.pushes import (
    AES_KEY,
    CANCELLED,
    EVERY_WAY,
    KEYS,
    MODIFIED,
    PUSH,
    REVOKE,
    TOKEN,
    kept,
    message,
    send,
    tell,
)
from tests.harness.clock import SettableClock
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.sql import rows_with
from tests.harness.team import Team, dispatch
from wxlogin.accounts.errors import UserNotFound
from wxlogin.outbox import EventType
from wxlogin.sandbox import push
from wxlogin.sandbox.push import Form, PushRequest

pytestmark = pytest.mark.settings(**PUSH)


@pytest.fixture
def team() -> Iterator[Team]:
    """A team's own system."""
    with Team() as team:
        yield team


@pytest.fixture
def alice(phone: Phone) -> Phone:
    """Alice, signed in, with a phone number and a profile."""
    phone.login()
    world = phone.site.sandbox.world
    phone.site.tokens.add(world.phone_fields("alice")["purePhoneNumber"])
    for path, body in (("phone", world.phone("alice")), ("profile", world.profile("alice"))):
        assert phone.ask("POST", f"/v1/decrypt/{path}", json=body).ok
    return phone


def changed(request: PushRequest) -> Iterator[PushRequest]:
    """The same request with one byte changed, at several places of all that is signed."""
    for name in {"signature", "timestamp", "nonce", "msg_signature"} & set(request.query):
        value = request.query[name]
        for at in {0, len(value) // 2, len(value) - 1}:
            query = {**request.query, name: f"{value[:at]}{one_else(value[at])}{value[at + 1 :]}"}
            yield PushRequest(query, request.body, request.content_type)
    if "msg_signature" in request.query:
        start = request.body.index(b"Encrypt") + 20
        for at in range(start, start + 100, 9):
            byte = one_else(chr(request.body[at])).encode()
            body = request.body[:at] + byte + request.body[at + 1 :]
            yield PushRequest(request.query, body, request.content_type)


def one_else(character: str) -> str:
    return "0" if character != "0" else "1"


def test_ten_kinds_of_push_are_taken_and_none_with_one_byte_changed(
    alice: Phone, team: Team
) -> None:
    site, user = alice.site, alice.user_id
    site.services.webhooks.dispatcher._routing.refuse_new()
    team.subscribe(site, EventType.PUSH_RECEIVED)
    check = PushRequest(push.verification(KEYS, "4375", site.clock()), b"", "")
    kinds = [
        *(
            push.request(KEYS, message(site, "user_enter_tempsession"), site.clock(), *way)
            for way in EVERY_WAY
        ),
        push.request(KEYS, message(site, REVOKE, RevokeInfo="8"), site.clock()),
        push.request(KEYS, message(site, MODIFIED), site.clock(), form="xml"),
        push.request(KEYS, message(site, CANCELLED), site.clock()),
    ]
    for wrong in changed(check):
        assert site.request("GET", f"/v1/push/{APPID}", params=wrong.query).status_code == 403
    wrong_ones = [wrong for right in kinds for wrong in changed(right)]
    assert {send(site, wrong).status_code for wrong in wrong_ones} == {403}
    dispatch(site)
    assert (kept(alice), alice.refusal(), team.got) == ({"phone", "profile"}, "", [])
    answer = site.request("GET", f"/v1/push/{APPID}", params=check.query)
    assert (answer.status_code, answer.text) == (200, "4375")
    for right, left in zip(kinds, [*[{"phone", "profile"}] * 6, {"profile"}, set()], strict=False):
        answer = send(site, right)
        assert (answer.status_code, answer.text) == (200, "success")
        assert kept(alice) == left
    dispatch(site)
    assert team.names() == ["push.received"] * 6
    assert send(site, kinds[-1]).text == "success"
    assert alice.refusal() == "SESSION_REVOKED"
    with site.app.app_context(), pytest.raises(UserNotFound):
        site.services.accounts.directory.get(user)


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize(
    ("event", "info", "left"),
    [
        (REVOKE, {"RevokeInfo": "8"}, {"profile"}),
        (REVOKE, {"RevokeInfo": "6"}, {"phone"}),
        (REVOKE, {"RevokeInfo": "20,8"}, set()),
        (REVOKE, {"RevokeInfo": "13"}, {"phone", "profile"}),
        (REVOKE, {"RevokeInfo": "301"}, set()),
        (REVOKE, {}, set()),
        (MODIFIED, {}, {"phone"}),
    ],
)
def test_what_a_user_withdraws_is_deleted(
    alice: Phone, form: Form, event: str, info: dict[str, str], left: set[str]
) -> None:
    site = alice.site
    assert tell(site, message(site, event, **info), form=form).status_code == 200
    assert kept(alice) == left
    assert alice.refusal() == ""
    owner = Operator(site).sign_in()
    entries = [e for e in owner.done("GET", "/audit")["items"] if e["actor"] == "wechat"]
    assert {entry["target"] for entry in entries} == {f"user:{alice.user_id}"}
    assert [entry["outcome"] for entry in entries] == ["done"]


@pytest.mark.settings(**PUSH, WXLOGIN_TRUSTED_HOPS="1", WXLOGIN_PUSH_REQUIRE_AES="on")
def test_who_leaves_wechat_is_found_by_no_key(site: Site, team: Team) -> None:
    """As after the user's own erasure: in SQL, in Redis, and in the log from then on."""
    world, address, device = site.sandbox.world, "203.0.113.77", "Alice's telephone"
    world.open_platform = True
    site.services.webhooks.dispatcher._routing.refuse_new()
    team.subscribe(site)
    phone = Phone(site)
    phone.device, phone.headers = {"device_name": device}, {"X-Forwarded-For": address}
    phone.login()
    told(phone)
    gone, number = phone.user_id, world.phone_fields("alice")["purePhoneNumber"]
    dispatch(site)
    phone.login()  # of which nothing was told yet
    before = len(site.log.lines)
    assert tell(site, message(site, CANCELLED)).text == "success"
    dispatch(site)
    assert team.names()[-1] == "user.erased"
    person = team.got[-1].event["data"]["person"]
    assert person
    assert set(rows_with(site, gone)) == {"audit_entry", "erased_user", "webhook_event",
                                          "webhook_delivery"}  # fmt: skip
    for value in (world.openid("alice"), world.unionid("alice"), number, device, address, person):
        assert rows_with(site, str(value)) == {}, value
        # An address has counters of its own there, for some minutes: others share it.
        assert value == address or str(value).encode() not in site._redis_dump()
        assert not [line for line in site.log.lines[before:] if str(value) in line]


def test_who_leaves_wechat_is_erased(alice: Phone) -> None:
    site, gone = alice.site, alice.user_id
    assert tell(site, message(site, CANCELLED)).text == "success"
    assert alice.refusal() in ("SESSION_EXPIRED", "SESSION_REVOKED")
    assert Operator(site).sign_in().ask("GET", f"/users/{gone}").status_code == 404
    assert alice.login()["user"] != {"id": gone, "is_new": True}


def test_a_user_whom_nobody_knows_is_answered_success(site: Site) -> None:
    for event in (REVOKE, MODIFIED, CANCELLED):
        assert tell(site, message(site, event, user="mallory")).text == "success"


def test_from_user_name_is_nobody(alice: Phone) -> None:
    site = alice.site
    told = message(site, CANCELLED)
    told["FromUserName"] = told.pop("OpenID")
    assert tell(site, told).status_code == 200
    assert alice.refusal() == ""


def test_a_copy_is_taken_once(alice: Phone, clock: SettableClock) -> None:
    site = alice.site
    told = message(site, REVOKE, RevokeInfo="8")
    assert tell(site, told).text == "success"
    assert alice.ask("POST", "/v1/decrypt/phone", json=site.sandbox.world.phone("alice")).ok
    for _ in range(2):
        clock.forward(5)
        assert tell(site, told).text == "success"
    assert kept(alice) == {"phone", "profile"}


def test_a_push_whose_handling_failed_is_taken_at_the_next_copy(
    alice: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, users = alice.site, alice.site.services.accounts.users
    told = message(site, REVOKE, RevokeInfo="8")
    with monkeypatch.context() as broken:
        broken.setattr(users, "clear_open_data", _fail)
        assert tell(site, told).status_code == 500
    assert tell(site, told).text == "success"
    assert kept(alice) == {"profile"}


def test_a_copy_waits_while_another_is_handled(
    alice: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, users = alice.site, alice.site.services.accounts.users
    told = message(site, REVOKE, RevokeInfo="8")
    meanwhile: list[requests.Response] = []
    clear: Callable[..., None] = users.clear_open_data

    def clear_slowly(public_id: str, **what: bool) -> None:
        meanwhile.append(tell(site, told))
        clear(public_id, **what)

    monkeypatch.setattr(users, "clear_open_data", clear_slowly)
    assert tell(site, told).text == "success"
    assert site.problem(meanwhile[0]) == "STORE_UNAVAILABLE"


@pytest.mark.settings(**PUSH, WXLOGIN_PUSH_REQUIRE_AES="on")
@pytest.mark.parametrize("event", [REVOKE, MODIFIED, CANCELLED])
def test_a_privacy_event_in_clear_is_passed_over_where_encryption_is_required(
    alice: Phone, event: str
) -> None:
    site = alice.site
    told = message(site, event)
    assert tell(site, told, "plain").text == "success"
    assert (kept(alice), alice.refusal()) == ({"phone", "profile"}, "")
    assert tell(site, told, "compatible").text == "success"
    assert kept(alice) != {"phone", "profile"} if event != CANCELLED else alice.refusal()
    site.services.watch.recorder.flush()
    owner = Operator(site).sign_in()
    kinds = [item["kind"] for item in owner.done("GET", "/events")["items"]]
    assert kinds.count("push.unencrypted") == 1


@pytest.mark.settings(**PUSH, WXLOGIN_PUSH_REQUIRE_AES="on")
def test_a_changed_plain_body_is_answered_but_does_nothing_where_encryption_is_required(
    alice: Phone, team: Team
) -> None:
    """WeChat's plain signature does not cover the body: another one verifies as well."""
    site = alice.site
    team.subscribe(site)
    for event in (REVOKE, MODIFIED, CANCELLED):
        right = push.request(KEYS, message(site, event, user="mallory"), site.clock(), "plain")
        body = right.body.replace(
            site.sandbox.world.openid("mallory").encode(),
            site.sandbox.world.openid("alice").encode(),
        )
        assert body != right.body
        assert send(site, PushRequest(right.query, body, right.content_type)).text == "success"
    dispatch(site)
    assert (kept(alice), alice.refusal(), team.got) == ({"phone", "profile"}, "", [])


def test_a_privacy_event_in_clear_is_heeded_where_that_is_set(alice: Phone) -> None:
    assert tell(alice.site, message(alice.site, MODIFIED), "plain").status_code == 200
    assert kept(alice) == {"phone"}


def _fail(*_: object, **__: object) -> None:
    raise RuntimeError("the test says so")


@pytest.mark.parametrize("mode", ["plain", "compatible", "secure"])
def test_a_message_that_the_sandbox_sends_again_is_taken_once(
    alice: Phone, team: Team, mode: str
) -> None:
    site = alice.site
    team.subscribe(site, EventType.PUSH_RECEIVED)
    fields = {
        "event": "subscribe",
        "url": f"{site.base}/v1/push/{APPID}",
        "token": TOKEN,
        "aes_key": AES_KEY,
        "mode": mode,
        "resend": "2",
    }
    answer = requests.post(f"{site.sandbox.base}/sandbox/push", data=fields, timeout=10).json()
    taken = {"status": 200, "answer": "success"}
    assert answer == {**taken, "resent": [taken, taken]}
    dispatch(site)
    assert team.names() == ["push.received"]


def test_the_sandbox_pushes_as_wechat_does(alice: Phone) -> None:
    site = alice.site
    fields = {
        "event": REVOKE,
        "revoke_info": "8",
        "url": f"{site.base}/v1/push/{APPID}",
        "token": TOKEN,
        "aes_key": AES_KEY,
        "form": "xml",
    }
    answer = requests.post(f"{site.sandbox.base}/sandbox/push", data=fields, timeout=10)
    assert answer.json() == {"status": 200, "answer": "success"}
    assert kept(alice) == {"profile"}
