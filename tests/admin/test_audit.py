"""The audit trail: intent before the act, outcome after it, one chain from many writers."""

from __future__ import annotations

import json
import syslog
import threading
from collections.abc import Callable

import pytest
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.harness.command_line import CommandLine
from tests.harness.console import Operator
from tests.harness.crowd import together
from tests.harness.redis_process import until
from tests.harness.site import Site
from tests.harness.trail import ACTOR, Trail
from wxlogin import errors
from wxlogin.accounts.errors import UserNotFound
from wxlogin.errors import ApiError
from wxlogin.extensions import db
from wxlogin.redisdb import keys
from wxlogin.wechat.errors import Unavailable


@pytest.fixture
def trail(site: Site) -> Trail:
    """The trail of the test's site."""
    return Trail(site)


def test_an_act_has_an_intent_and_an_outcome(trail: Trail) -> None:
    with (
        trail.site.app.app_context(),
        trail.audit.act(ACTOR, "user.kick", "user:u1", reason="spam", detail={"a": 1}) as act,
    ):
        assert [row.outcome for row in trail.rows()] == ["intent"]
        act.detail["ended"] = 3
    intent, done = trail.rows()
    for row in (intent, done):
        assert (row.actor, row.address, row.request_id) == ("admin:alice", "192.0.2.1", "r1")
        assert (row.act, row.target, row.reason) == ("user.kick", "user:u1", "spam")
    assert (intent.number, done.number, done.intent) == (1, 2, 1)
    assert (json.loads(intent.detail), json.loads(done.detail)) == ({"a": 1}, {"ended": 3})


@pytest.mark.parametrize(
    ("fault", "outcome", "detail"),
    [
        (ApiError(errors.FORBIDDEN), "refused", {"code": "FORBIDDEN"}),
        (ApiError(errors.WX_UNAVAILABLE), "failed", {"code": "WX_UNAVAILABLE"}),
        (UserNotFound(), "refused", {"code": "NOT_FOUND"}),
        (Unavailable(), "failed", {"code": "WX_UNAVAILABLE"}),
        (KeyError("o"), "failed", {"fault": "KeyError"}),
    ],
)
def test_an_act_that_does_not_succeed_says_how(
    trail: Trail, fault: Exception, outcome: str, detail: dict[str, str]
) -> None:
    with (
        trail.site.app.app_context(),
        pytest.raises(type(fault)),
        trail.audit.act(ACTOR, "user.kick", "user:u1"),
    ):
        raise fault
    last = trail.rows()[-1]
    assert (last.outcome, json.loads(last.detail)) == (outcome, detail)


def test_what_cannot_be_written_down_does_not_happen(trail: Trail) -> None:
    trail.spoil("ALTER TABLE audit_entry RENAME TO audit_gone")
    happened = []
    with (
        trail.site.app.app_context(),
        pytest.raises(OperationalError),
        trail.audit.act(ACTOR, "user.kick", "user:u1"),
    ):
        happened.append(True)
    assert not happened


def test_without_the_trail_the_api_answers_503_and_acts_on_nobody(owner: Operator) -> None:
    Trail(owner.site).spoil("ALTER TABLE audit_entry RENAME TO audit_gone")
    body = {"name": "a", "scopes": ["read"]}
    assert owner.refusal("POST", "/tokens", json=body) == "STORE_UNAVAILABLE"
    assert owner.done("GET", "/tokens")["items"] == []


def test_an_act_that_happened_stays_though_its_outcome_is_lost(trail: Trail) -> None:
    with trail.site.app.app_context(), trail.audit.act(ACTOR, "user.kick", "user:u1"):
        trail.spoil("ALTER TABLE audit_entry RENAME TO audit_gone")
    trail.spoil("ALTER TABLE audit_gone RENAME TO audit_entry")
    assert trail.notes() == ["1 act has no outcome: 1."]
    assert any("audit.outcome_lost" in line for line in trail.site.log.lines)


def test_many_writers_in_two_apps_make_one_chain(make_site: Callable[..., Site]) -> None:
    trails = [Trail(make_site()), Trail(make_site())]
    together([lambda trail=trail: trail.act(5) for trail in trails * 4])
    assert [row.number for row in trails[0].rows()] == list(range(1, 81))
    assert trails[0].faults() == []


# The list


def test_the_list_pages_and_finds_a_target(owner: Operator) -> None:
    viewer = Operator(owner.site, "viewer")
    owner.done("PATCH", f"/admins/{viewer.id}", json={"disabled": True})
    found = owner.done("GET", f"/audit?target=admin:{viewer.name}")["items"]
    assert [item["outcome"] for item in found] == ["done"]
    owner.done("PATCH", f"/admins/{viewer.id}", json={"disabled": False})
    first = owner.done("GET", "/audit?limit=2")
    second = owner.done("GET", f"/audit?limit=2&cursor={first['next']}")
    numbers = [item["id"] for item in [*first["items"], *second["items"]]]
    assert numbers == [6, 4, 2]
    assert second["next"] is None


def test_a_viewer_does_not_read_the_trail(site: Site) -> None:
    assert Operator(site, "viewer").sign_in().refusal("GET", "/audit") == "FORBIDDEN"


def test_a_head_that_redis_cannot_tell_stops_the_act(
    trail: Trail, make_site: Callable[..., Site]
) -> None:
    away = Trail(make_site(WXLOGIN_REDIS_URL="unix:///nowhere"))
    with away.site.app.app_context(), pytest.raises(RedisError), away.audit.act(ACTOR, "a", "b"):
        pytest.fail("it acted")
    assert trail.rows() == []


def test_whoever_waits_for_a_turn_holds_no_connection_of_the_pool(trail: Trail) -> None:
    read, go, acted = threading.Event(), threading.Event(), threading.Event()

    def act() -> None:
        with trail.site.app.app_context():
            db.session.execute(text("SELECT 1"))
            read.set()
            go.wait(30)
            with trail.audit.act(ACTOR, "user.kick", "user:u1"):
                db.session.execute(text("SELECT 1"))
            acted.set()

    with trail.site.app.app_context():
        pool = db.engine.pool
    thread = threading.Thread(target=act)
    with trail.audit._turn:
        thread.start()
        assert read.wait(30)
        assert pool.checkedout() == 1
        go.set()
        until(lambda: pool.checkedout() == 0, "the connection to come back")
    assert acted.wait(30)
    thread.join()


def test_each_entry_is_logged_with_its_mac_as_it_is_written(site: Site, owner: Operator) -> None:
    made = owner.done("POST", "/tokens", json={"name": "orders", "scopes": ["introspect"]})
    site.tokens.add(made["token"])
    newest = owner.done("GET", "/audit")["items"][0]
    lines = [line for line in site.log.lines if "wxlogin.audit" in line]
    assert f"'number': {newest['id']}" in lines[-1]
    assert len(lines) == newest["id"]
    for word in (newest["act"], newest["actor"], newest["target"], "'done'", "'mac'"):
        assert word in lines[-1]


def test_an_entry_of_the_command_line_goes_to_the_machine_s_log(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(syslog, "syslog", lambda _level, line: told.append(line))
    CommandLine(site, "admin").done("create", "zoe", "--role", "viewer")
    entries = [json.loads(line) for line in told]
    assert [entry["outcome"] for entry in entries] == ["intent", "done"]
    assert {entry["actor"] for entry in entries} == {"cli"}
    assert entries[0]["mac"] != entries[1]["mac"]


def test_what_the_trail_notes_of_itself_is_logged_too(site: Site, trail: Trail) -> None:
    trail.act()
    site.redis.delete(keys.audit_head())
    trail.act()
    lost = [row for row in trail.rows() if row.act == "audit.head_lost"]
    (line,) = [line for line in site.log.lines if "audit.head_lost" in line]
    assert f"'number': {lost[0].number}" in line
    assert lost[0].mac in line
