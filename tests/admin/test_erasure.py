"""A person asks what is held of them, and for it to go."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.admin.people import number, signed_in, told
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.sql import rows_with
from tests.harness.watched import alerts, events
from wxlogin.extensions import db
from wxlogin.redisdb import keys

# Export


@pytest.mark.settings(WXLOGIN_RULE_LOGINS_OPENID="1/hour")
def test_an_export_holds_all_that_is_kept_of_a_person(site: Site, owner: Operator) -> None:
    site.sandbox.world.open_platform = True
    phone, world = told(signed_in(site)), site.sandbox.world
    phone.login()
    assert alerts(site)
    owner.done("POST", f"/users/{phone.user_id}/kick")
    phone.login()
    found = owner.told_whole("GET", f"/users/{phone.user_id}/export")
    assert found["user"]["openid"] == world.openid("alice")
    assert found["user"]["unionid"] == world.unionid("alice")
    assert found["user"]["phone"] == world.phone_fields("alice")
    assert found["user"]["profile"]["nickName"] == "微信用户 alice"
    assert found["user"]["app"] == APPID
    assert [len(found[name]) for name in ("sessions", "logins")] == [1, 3]
    assert "login.succeeded" in {event["kind"] for event in found["events"]}
    assert found["alerts"]
    assert ("user.kick", "done") in {(act["act"], act["outcome"]) for act in found["acts"]}
    assert owner.name not in str(found)


def test_an_export_is_audited_and_no_cache_keeps_it(owner: Operator, phone: Phone) -> None:
    user = phone.login()["user"]["id"]
    answer = owner.ask("GET", f"/users/{user}/export")
    del owner.site.answers[-1]
    assert answer.headers["Cache-Control"] == "no-store"
    trail = owner.trail(f"user:{user}")
    assert [(e["act"], e["outcome"]) for e in trail] == [("user.export", "done")]


# Erasure


@pytest.mark.settings(WXLOGIN_RULE_LOGINS_OPENID="1/hour")
def test_an_erased_user_is_nowhere_but_in_the_audit_and_among_the_erased(
    site: Site, owner: Operator
) -> None:
    phone = told(signed_in(site))
    phone.login()
    assert alerts(site)
    assert owner.done("DELETE", f"/users/{phone.user_id}") == {"ended": 2}
    assert set(rows_with(site, phone.user_id)) == {"audit_entry", "erased_user"}
    left = {name.removeprefix(keys.slot(phone.user_id)) for name in slot(site, phone.user_id)}
    assert left == {"b", "x"}
    assert owner.refusal("GET", f"/users/{phone.user_id}") == "NOT_FOUND"
    found = owner.done("POST", "/users/search", json={"phone": number(phone)})
    assert found["items"] == []


def slot(site: Site, user: str) -> list[str]:
    """The keys of a user in Redis, but the counters by which alerts are made."""
    names = site.redis.keys(f"{keys.slot(user)}*")
    return [name for name in names if not name.startswith(keys.user_rules(user))]


def test_events_stay_without_saying_whose_they_are(site: Site, owner: Operator) -> None:
    phones = [signed_in(site, name) for name in ("alice", "bob")]
    assert len(events(site, "login.succeeded")) == 2
    owner.done("DELETE", f"/users/{phones[0].user_id}")
    nameless, named = events(site, "login.succeeded")
    assert (named.user, nameless.user) == (phones[1].user_id, None)
    assert (nameless.address, nameless.detail, nameless.count) == ("", "{}", 1)


def test_who_was_erased_comes_back_as_another_user(owner: Operator, phone: Phone) -> None:
    user = phone.login()["user"]["id"]
    owner.done("DELETE", f"/users/{user}")
    assert phone.refusal() == "SESSION_REVOKED"
    again = phone.login()
    assert again["user"]["is_new"]
    assert again["user"]["id"] != user


def test_the_audit_keeps_the_act_alone(owner: Operator, phone: Phone) -> None:
    user = phone.login()["user"]["id"]
    owner.done("DELETE", f"/users/{user}")
    (act,) = owner.trail(f"user:{user}")
    assert (act["act"], act["outcome"], act["detail"]) == ("user.erase", "done", {"ended": 1})


def test_an_erasure_that_broke_off_is_repeated(site: Site, owner: Operator, phone: Phone) -> None:
    """SQL breaks after Redis has done its part: the user cannot slip in meanwhile."""
    user = phone.login()["user"]["id"]
    with site.app.app_context():
        trigger = "CREATE TRIGGER broken BEFORE DELETE ON user BEGIN SELECT RAISE(ABORT, 'x'); END"
        db.session.execute(text(trigger))
        db.session.commit()
    assert owner.refusal("DELETE", f"/users/{user}") in ("INTERNAL", "STORE_UNAVAILABLE")
    assert phone.refusal() == "SESSION_REVOKED"
    assert site.problem(phone.try_login()) == "SESSION_EXPIRED"
    with site.app.app_context():
        db.session.execute(text("DROP TRIGGER broken"))
        db.session.commit()
    owner.done("DELETE", f"/users/{user}")
    assert phone.login()["user"]["is_new"]
    assert owner.refusal("DELETE", f"/users/{user}") == "NOT_FOUND"


def test_a_banned_user_can_be_erased(owner: Operator, phone: Phone) -> None:
    user = phone.login()["user"]["id"]
    owner.done("POST", f"/users/{user}/ban", json={"reason": "spam"})
    owner.done("DELETE", f"/users/{user}")
    assert phone.login()["user"]["is_new"]


def test_the_persons_other_users_stay(site: Site, owner: Operator) -> None:
    phones = [signed_in(site, name) for name in ("alice", "bob")]
    owner.done("DELETE", f"/users/{phones[0].user_id}")
    assert phones[1].refusal() == ""
    assert owner.done("GET", f"/users/{phones[1].user_id}")["devices"] == 1
