"""Filters of the lists: what each keeps, what is refused, and that no page is lost between."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.admin.people import OTHER, OTHER_SECRET
from tests.harness.command_line import CommandLine
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.sql import plan, recorded
from tests.harness.trail import ACTOR, Trail
from tests.harness.watched import events
from wxlogin.watch.event_log import EventBucket
from wxlogin.watch.events import Event, Kind

FORGED = {"Authorization": "Bearer wxs_" + "A" * 108}


def iso(site: Site, later: float = 0) -> str:
    """The time of the site's clock, or one so many seconds later."""
    return datetime.fromtimestamp(int(site.clock() + later), UTC).isoformat()


def items(owner: Operator, name: str, **filters: object) -> list[dict[str, Any]]:
    """What a list has for these filters, from its first page to its last."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        params = {**filters, "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = owner.done("GET", f"/{name}", params=params)
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return found


@pytest.fixture
def other(site: Site) -> str:
    """The appid of a second mini-program."""
    CommandLine(site, "apps").add(OTHER, OTHER_SECRET)
    return OTHER


def sign_in(site: Site, user: str, appid: str = APPID, **device: Any) -> Phone:
    """A user signed in to a mini-program."""
    phone = Phone(site, user)
    phone.login(code=site.sandbox.world.login_code(user, appid), appid=appid, **device)
    return phone


# Users


def test_users_are_found_by_their_mini_program(site: Site, owner: Operator, other: str) -> None:
    alice, bob = sign_in(site, "alice"), sign_in(site, "bob", other)
    assert [item["id"] for item in items(owner, "users", app=APPID)] == [alice.user_id]
    assert [item["id"] for item in items(owner, "users", app=other)] == [bob.user_id]
    assert items(owner, "users", app="wx0000000000000000") == []


def test_users_are_banned_while_their_ban_holds(site: Site, owner: Operator) -> None:
    alice, bob, carol = (sign_in(site, name).user_id for name in ("alice", "bob", "carol"))
    owner.done("POST", f"/users/{alice}/ban", json={"reason": "spam"})
    until = {"reason": "spam", "until": iso(site, 60)}
    owner.done("POST", f"/users/{bob}/ban", json=until)
    assert [item["id"] for item in items(owner, "users", banned="true")] == [bob, alice]
    assert [item["id"] for item in items(owner, "users", banned="false")] == [carol]
    site.clock.forward(61)
    assert [item["id"] for item in items(owner, "users", banned="true")] == [alice]
    assert [item["id"] for item in items(owner, "users", banned="false")] == [carol, bob]


def test_users_are_found_by_their_first_login(site: Site, owner: Operator) -> None:
    made = []
    for name in ("alice", "bob", "carol"):
        made.append(sign_in(site, name).user_id)
        site.clock.forward(60)
    range_ = {"since": iso(site, -120), "until": iso(site, -60)}
    assert [item["id"] for item in items(owner, "users", **range_)] == [made[1]]
    assert [item["id"] for item in items(owner, "users", since=range_["until"])] == [made[2]]


# Live sessions


def test_sessions_are_found_by_mini_program_platform_and_address(
    site: Site, owner: Operator, other: str
) -> None:
    alice = sign_in(site, "alice", platform="ios")
    bob = sign_in(site, "bob", other, platform="android")

    def users(**filters: object) -> list[str]:
        return [item["user"] for item in items(owner, "sessions", **filters)]

    assert users(app=other) == [bob.user_id]
    assert users(platform="ios") == [alice.user_id]
    assert users(platform="ios", app=other) == []
    assert users(address="127.0.0.1") == users(address="127.0.0.0/8") == users()
    assert users(address="192.0.2.1") == users(address="::1") == []


@pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1")
def test_sessions_are_found_by_a_part_of_their_region(site: Site, owner: Operator) -> None:
    phones = []
    for user, address in (("alice", "202.96.134.133"), ("bob", "8.8.8.8")):
        phone = Phone(site, user)
        phone.headers["X-Forwarded-For"] = address
        phone.login()
        phones.append(phone)
    (shown,) = items(owner, "sessions", address="202.96.134.133")
    assert "广东省" in shown["region"]
    found = items(owner, "sessions", region="广东省")
    assert [item["user"] for item in found] == [phones[0].user_id]


# Events


def test_events_are_found_by_mini_program_address_and_time(
    site: Site, owner: Operator, other: str
) -> None:
    alice = sign_in(site, "alice")
    site.clock.forward(600)
    bob = sign_in(site, "bob", other)
    site.request("GET", "/v1/session", headers=FORGED)
    events(site)

    def subjects(**filters: object) -> list[str]:
        return [item["subject"] for item in items(owner, "events", **filters)]

    assert subjects(app=other) == [bob.user_id]
    assert subjects(app=APPID) == [alice.user_id]
    assert len(subjects(address="127.0.0.1")) == 3
    assert subjects(address="192.0.2.1") == []
    assert subjects(until=iso(site, -300)) == [alice.user_id]
    assert subjects(since=iso(site, -300), kind="login.succeeded") == [bob.user_id]


def test_events_of_a_subject_are_found_by_time(site: Site, owner: Operator) -> None:
    alice = sign_in(site, "alice")
    events(site)
    site.clock.forward(600)
    asked = {"subject": alice.user_id}
    assert items(owner, "events", **asked, since=iso(site, -300)) == []
    assert items(owner, "events", **asked, until=iso(site, -660)) == []
    with recorded(site) as statements:
        (found,) = items(owner, "events", **asked, since=iso(site, -660), until=iso(site, -300))
    assert found["kind"] == "login.succeeded"
    reading = [one for one in statements if "security_event" in one[0]]
    assert all("minute>? AND minute<?" in plan(site, [one])[0] for one in reading)


@pytest.mark.settings(WXLOGIN_EVENT_IP="prefix")
def test_events_are_found_by_a_whole_address_where_they_show_a_network(
    site: Site, owner: Operator
) -> None:
    sign_in(site, "alice")
    events(site)
    (event,) = items(owner, "events", address="127.0.0.1")
    assert event["address"] == "127.0.0.0/24"
    assert items(owner, "events", address="127.0.0.0/24") == [event]


def test_a_range_has_every_event_that_reaches_into_it(site: Site, owner: Operator) -> None:
    """Rows that waited for the database have younger ids than later events."""
    log, begin = site.services.watch.recorder.log, int(site.clock()) // 60 * 60
    for minute in (3, 1, 2, 0):
        at = begin + 60.0 * minute
        event = Event(kind=Kind.TOKEN_FORGED)
        number = int(at) // 60
        bucket = EventBucket(event.kind, "192.0.2.1", number, event, "192.0.2.1", 2, at, at + 50)
        log.write([bucket])

    def minutes(since: float, until: float) -> list[int]:
        filters = {"since": iso(site, begin + since - site.clock())}
        filters["until"] = iso(site, begin + until - site.clock())
        found = items(owner, "events", kind="token.forged", **filters)
        times = [datetime.fromisoformat(item["first_at"]).timestamp() for item in found]
        return sorted(int(time - begin) // 60 for time in times)

    assert minutes(0, 240) == [0, 1, 2, 3]
    assert minutes(60, 180) == [1, 2]
    assert minutes(30, 61) == [0, 1]
    assert minutes(111, 120) == []
    assert minutes(-60, 0) == []


# The audit trail


def test_acts_are_found_by_who_did_them_what_and_how_they_ended(
    site: Site, owner: Operator, phone: Phone
) -> None:
    phone.login()
    operator = Operator(site, "operator").sign_in()
    operator.done("POST", f"/users/{phone.user_id}/kick")
    session = f"/sessions/{'A' * 22}.{'B' * 22}"
    assert operator.refusal("DELETE", session) == "NOT_FOUND"
    mine = items(owner, "audit", actor=f"admin:{operator.name}")
    assert [(item["act"], item["outcome"]) for item in mine] == [
        ("session.end", "refused"),
        ("user.kick", "done"),
        ("admin.sign_in", "done"),
    ]
    assert items(owner, "audit", act="user.kick") == [mine[1]]
    assert items(owner, "audit", outcome="refused") == [mine[0]]
    assert items(owner, "audit", act="user.kick", outcome="refused") == []


def test_acts_are_found_by_their_time(site: Site, owner: Operator) -> None:
    site.clock.forward(60)
    begin = iso(site)
    Operator(site, "viewer", "vera").sign_in()
    site.clock.forward(60)
    Operator(site, "viewer", "wim").sign_in()
    found = items(owner, "audit", since=begin, until=iso(site))
    assert [item["actor"] for item in found] == ["admin:vera"]


def test_an_act_whose_outcome_is_lost_stands_as_begun(site: Site, owner: Operator) -> None:
    trail = Trail(site)
    with site.app.app_context(), trail.audit.act(ACTOR, "user.kick", "user:u1"):
        trail.spoil("ALTER TABLE audit_entry RENAME TO audit_gone")
    trail.spoil("ALTER TABLE audit_gone RENAME TO audit_entry")
    (begun,) = items(owner, "audit", outcome="intent")
    assert (begun["act"], begun["target"], begun["intent"]) == ("user.kick", "user:u1", None)
    assert items(owner, "audit", target="user:u1") == [begun]


# What is refused


WRONG = [
    ("users", "app=", "app"),
    ("users", "app=" + "x" * 33, "app"),
    ("users", "banned=perhaps", "banned"),
    ("users", "since=yesterday", "since"),
    ("users", "since=2026-11-01T00:00:00", "since"),
    ("users", "since=2026-11-02T00:00:00Z&until=2026-11-01T00:00:00Z", "until"),
    ("users", "until=9999-12-31T00:00:00Z", "until"),
    ("users", "phone=13800138000", "phone"),
    ("users", "kind=login.succeeded", "kind"),
    ("sessions", "platform=amiga", "platform"),
    ("sessions", "address=everywhere", "address"),
    ("sessions", "region=" + "x" * 65, "region"),
    ("sessions", "since=2026-11-01T00:00:00Z", "since"),
    ("events", "kind=made.up", "kind"),
    ("events", "severity=grave", "severity"),
    ("events", "user=%00", "user"),
    ("events", "address=" + "1" * 65, "address"),
    ("events", "who=me", "who"),
    ("audit", "outcome=good", "outcome"),
    ("audit", "actor=" + "x" * 81, "actor"),
    ("audit", "act=a%20b", "act"),
    ("apps", "q=x", "q"),
    ("keys", "q=x", "q"),
    ("admins", "role=king", "role"),
    ("tokens", "q=x", "q"),
]


def test_a_wrong_filter_is_refused_by_its_name(owner: Operator, subtests: pytest.Subtests) -> None:
    for name, query, field in WRONG:
        with subtests.test(name=name, query=query, field=field):
            answer = owner.ask("GET", f"/{name}?{query}")
            assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")
            assert [fault["field"] for fault in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("name", "filters"),
    [
        ("users", {"app": APPID}),
        ("sessions", {"platform": "other"}),
        ("events", {"kind": "login.succeeded"}),
        ("audit", {"act": "admin.sign_in"}),
    ],
)
def test_a_cursor_is_good_for_its_filters_alone(
    site: Site, owner: Operator, name: str, filters: dict[str, str]
) -> None:
    for user in ("alice", "bob"):
        sign_in(site, user)
        owner.sign_in()
    events(site)
    cursor = owner.done("GET", f"/{name}", params={**filters, "limit": 1})["next"]
    again = {"limit": 1, "cursor": cursor}
    assert owner.done("GET", f"/{name}", params={**filters, **again})["items"]
    assert owner.refusal("GET", f"/{name}", params=again) == "INVALID_REQUEST"
