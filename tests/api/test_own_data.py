"""Users take along what is held of them, and leave (注销)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.admin.forms import led_to, seen, sent
from tests.admin.people import told
from tests.api.test_service_calls import Backend
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.signer import Signer
from tests.harness.site import APPID, Site
from tests.harness.sql import rows_with
from tests.harness.team import Team, dispatch
from tests.harness.watched import alerts, events, held_back
from wxlogin.outbox import EventType
from wxlogin.redisdb import keys

ME, EXPORT = "/v1/me", "/v1/me/export"
LINK = "/v1/service/link"
EXTERNAL_ID = "team-s-own-id-of-alice"
ADDRESS = "203.0.113.77"
DEVICE = "Alice's telephone"
AVATAR = "https://cdn.example.com/alice.png"
NICKNAME = "小明明明明明"
BEHIND_A_PROXY = pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1", WXLOGIN_RULE_LOGINS_OPENID="1/hour")


@pytest.fixture
def alice(phone: Phone) -> Phone:
    """Alice, who told all that wxlogin asks, on a telephone behind a proxy."""
    phone.site.sandbox.world.open_platform = True
    phone.device = {"device_name": DEVICE, "device_id": "alice-1234"}
    phone.headers = {"X-Forwarded-For": ADDRESS}
    phone.login()
    told(phone)
    body = {"nickname": NICKNAME, "avatar_url": AVATAR}
    assert phone.ask("PUT", "/v1/me/profile", json=body).ok
    return phone


@pytest.fixture
def team(site: Site) -> Iterator[Team]:
    """A team's own system that is told of everything, when the test says so."""
    site.services.webhooks.dispatcher._routing.refuse_new()
    with Team() as team:
        team.subscribe(site)
        yield team


def exported(phone: Phone) -> dict[str, Any]:
    """What a user takes along; the search for leaks does not look at it."""
    answer = phone.ask("GET", EXPORT)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def erased(phone: Phone) -> int:
    """Leave; how many sessions ended."""
    answer = phone.ask("DELETE", ME)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return int(answer.json()["ended"])


# Export


@BEHIND_A_PROXY
def test_an_export_holds_all_that_is_held_but_wechats_ids(site: Site, alice: Phone) -> None:
    alice.login()
    assert alerts(site)
    owner = Operator(site, "owner").sign_in()
    owner.done("POST", f"/users/{alice.user_id}/kick")
    alice.login()
    found, world = exported(alice), site.sandbox.world
    assert found["user"]["id"] == alice.user_id
    assert found["user"]["app"] == APPID
    assert found["user"]["person"] == alice.ask("GET", ME).json()["user"]["person"]
    assert found["user"]["external_id"] is None
    assert found["user"]["phone"] == world.phone_fields("alice")
    assert (found["user"]["profile"]["nickName"], found["user"]["profile"]["avatarUrl"]) == (
        NICKNAME,
        AVATAR,
    )
    assert {"openid", "unionid"}.isdisjoint(found["user"])
    assert [one["id"] for one in found["sessions"]] == [alice.session_id]
    assert [one["device_name"] for one in found["logins"]] == [DEVICE] * 3
    assert {one["ip"] for one in found["logins"]} == {ADDRESS}
    assert "login.succeeded" in {one["kind"] for one in found["events"]}
    assert found["alerts"]
    assert ("user.kick", "done") in {(one["act"], one["outcome"]) for one in found["acts"]}
    assert owner.name not in str(found)
    for secret in (world.openid("alice"), world.unionid("alice"), world.session_key("alice")):
        assert str(secret) not in json.dumps(found)


def test_an_export_is_a_file_that_no_cache_keeps(alice: Phone) -> None:
    answer = alice.ask("GET", EXPORT)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="wxlogin-me.json"'


def test_an_export_is_in_the_trail_as_the_users_own_act(site: Site, alice: Phone) -> None:
    exported(alice)
    trail = Operator(site, "owner").sign_in().trail(f"user:{alice.user_id}")
    assert [(one["actor"], one["act"], one["outcome"]) for one in trail] == [
        ("user", "user.export", "done"),
    ]


def test_of_another_user_an_export_holds_nothing(site: Site, alice: Phone) -> None:
    bob = Phone(site, "bob")
    bob.login()
    found = exported(bob)
    assert alice.user_id not in str(found)
    assert len(found["logins"]) == 1


# Erasure


@BEHIND_A_PROXY
def test_who_left_is_found_by_no_key(site: Site, alice: Phone, team: Team) -> None:
    world, gone = site.sandbox.world, alice.user_id
    number = world.phone_fields("alice")["purePhoneNumber"]
    ids = Backend(site, "link").given(LINK, user=gone, external_id=EXTERNAL_ID)
    person = alice.ask("GET", ME).json()["user"]["person"]
    assert ids["external_id"] == EXTERNAL_ID
    alice.login()
    exported(alice)
    assert alerts(site)
    dispatch(site)
    alice.login()  # of which nothing was told yet
    assert erased(alice) == 1
    before = len(site.log.lines)
    dispatch(site)
    assert set(rows_with(site, gone)) == {"audit_entry", "erased_user", "webhook_event",
                                          "webhook_delivery"}  # fmt: skip
    assert team.names()[-1] == "user.erased"
    told = team.got[-1].event["data"]
    assert (told["person"], told["external_id"]) == (person, EXTERNAL_ID)
    assert team.names().count("user.logged_in") == 1
    assert events(site)
    told_of = (world.openid("alice"), world.unionid("alice"), number, NICKNAME, AVATAR, DEVICE,
               person, EXTERNAL_ID)  # fmt: skip
    for value in (*told_of, ADDRESS):
        assert rows_with(site, str(value)) == {}, value
        # An address has counters of its own there, for some minutes: others share it.
        assert value == ADDRESS or str(value).encode() not in site._redis_dump()
        assert not [line for line in site.log.lines[before:] if str(value) in line]
    slot, counters = keys.slot(gone), keys.user_rules(gone)
    left = [name for name in site.redis.keys(f"{slot}*") if not name.startswith(counters)]
    assert {name.removeprefix(slot) for name in left} == {"b", "x"}
    owner = Operator(site, "owner").sign_in()
    for body in ({"id": gone}, {"phone": number}, {"openid": world.openid("alice")}):
        assert owner.done("POST", "/users/search", json=body)["items"] == []


@BEHIND_A_PROXY
def test_what_an_operator_found_before_shows_nobody_who_left(site: Site, alice: Phone) -> None:
    """A search by address and one by an ended session; the page of each is still open."""
    gone, session = alice.user_id, alice.session_id
    owner = Operator(site, "owner").sign_in()
    owner.done("POST", f"/users/{gone}/kick")
    alice.login()
    pages = [led_to(sent(owner, "/find", q=text)) for text in (ADDRESS, session)]
    assert all(gone in seen(owner, page) for page in pages)
    assert session in _found(site)
    for private in (DEVICE, gone):
        assert private not in _found(site)
    erased(alice)
    for page in pages:
        shown = seen(owner, page)
        assert gone not in shown
        assert DEVICE not in shown


def _found(site: Site) -> str:
    """What is kept of searches."""
    return " ".join(str(site.redis.get(name)) for name in site.redis.keys("wxl:1:found:*"))


def test_who_left_keeps_the_teams_id_until_each_webhook_is_told(
    site: Site, alice: Phone, team: Team
) -> None:
    """One accepts it, one fails and is removed: then nobody waits for it."""
    Backend(site, "link").given(LINK, user=alice.user_id, external_id=EXTERNAL_ID)
    dispatch(site)
    with Team() as other:
        endpoint, _ = other.subscribe(site, EventType.USER_ERASED)
        other.answer = lambda _number: 500
        erased(alice)
        dispatch(site)
        assert "user.erased" in team.names()
        assert rows_with(site, EXTERNAL_ID) == {"webhook_event": 1}
        with site.app.app_context():
            endpoints = site.services.webhooks.endpoints
            endpoints.delete(endpoints.get(endpoint.public_id))
    assert rows_with(site, EXTERNAL_ID) == {}


def test_the_token_is_dead_with_the_answer_and_so_are_those_of_other_devices(
    site: Site, alice: Phone
) -> None:
    other = Phone(site)
    other.login()
    assert erased(alice) == 2
    for phone in (alice, other):
        assert phone.refusal(ME) == "SESSION_REVOKED"
        assert site.problem(phone.ask("DELETE", ME)) == "SESSION_REVOKED"


def test_who_left_comes_back_as_a_new_user(alice: Phone) -> None:
    gone = alice.user_id
    erased(alice)
    again = alice.login()["user"]
    assert again["is_new"]
    assert again["id"] != gone
    assert alice.ask("GET", ME).json()["profile"] == {"nickname": None, "avatar_url": None}


@BEHIND_A_PROXY
def test_the_trail_keeps_the_users_own_act_without_an_address(site: Site, alice: Phone) -> None:
    gone = alice.user_id
    erased(alice)
    (entry,) = Operator(site, "owner").sign_in().trail(f"user:{gone}")
    assert (entry["actor"], entry["act"], entry["address"]) == ("user", "user.erase", "")
    assert (entry["outcome"], entry["detail"]) == ("done", {"ended": 1})


def test_another_user_stays(site: Site, alice: Phone) -> None:
    bob = Phone(site, "bob")
    bob.login()
    erased(alice)
    assert bob.refusal(ME) == ""


def test_what_waits_in_memory_of_an_erased_user_is_not_written(site: Site, alice: Phone) -> None:
    gone = alice.user_id
    recorder = site.services.watch.recorder
    recorder.flush()
    recorder.refused("RATE_LIMITED", user=gone, address=ADDRESS)
    with held_back(site):
        recorder.refused("REQUEST_REPLAYED", user=gone, address=ADDRESS)
        erased(alice)
    recorder.flush()
    assert "security_event" not in rows_with(site, gone)
    assert "security_event" not in rows_with(site, ADDRESS)


@pytest.mark.settings(WXLOGIN_RULE_LOGINS_OPENID="1/hour")
def test_no_alert_is_raised_of_an_erased_user(site: Site, phone: Phone) -> None:
    with held_back(site):
        phone.login()
        phone.login()
        erased(phone)
    assert alerts(site) == []
    bob = Phone(site, "bob")
    bob.login()
    bob.login()
    assert [alert.subject for alert in alerts(site)] == [bob.user_id]


@pytest.mark.settings(WXLOGIN_REQUEST_SIGNING="required")
def test_leaving_has_to_be_signed_where_that_is_required(site: Site, phone: Phone) -> None:
    phone.login()
    assert site.problem(phone.ask("DELETE", ME)) == "REQUEST_UNSIGNED"
    assert phone.refusal(ME) == ""
    assert Signer(phone).call("DELETE", ME).json() == {"ended": 1}


@pytest.mark.settings(WXLOGIN_LIMIT_OWN_DATA_OPENID="2/hour")
def test_exports_and_erasures_have_a_limit_in_common(site: Site, phone: Phone) -> None:
    phone.login()
    exported(phone)
    exported(phone)
    assert phone.refusal(EXPORT) == "RATE_LIMITED"
    assert site.problem(phone.ask("DELETE", ME)) == "RATE_LIMITED"
    assert phone.refusal(ME) == ""
    site.clock.forward(3600)
    assert erased(phone) == 1


def test_who_was_erased_just_now_has_no_session_and_is_not_missing(
    site: Site, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two calls at once: the other one has erased the user when this one begins to."""
    phone.login()
    with site.app.app_context():
        monkeypatch.setattr(site.services.sessions.store, "block", lambda *_, **__: 0)
        site.services.accounts.erasure.erase(phone.user_id)
    for method, path in (("DELETE", ME), ("GET", ME), ("GET", EXPORT)):
        assert site.problem(phone.ask(method, path)) == "SESSION_EXPIRED"
    body = {"avatar_url": AVATAR}
    assert site.problem(phone.ask("PUT", "/v1/me/profile", json=body)) == "SESSION_EXPIRED"


def test_an_export_holds_what_webhooks_tell_of_the_user(site: Site, team: Team) -> None:
    alice, bob = Phone(site, "alice"), Phone(site, "bob")
    for phone in (alice, bob):
        phone.login()
    dispatch(site)
    found = exported(alice)["webhooks"]
    assert [one["type"] for one in found] == ["user.logged_in", "user.created"]
    ids = {one.id for one in team.got if one.event["data"]["user"] == alice.user_id}
    assert {one["id"] for one in found} == ids
