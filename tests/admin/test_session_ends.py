"""How every session ended is kept: why, by whom, with which reason; one row a session."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, func, select, update

from tests.admin.stories import actor, ends, story
from tests.harness.command_line import CommandLine
from tests.harness.console import Operator, Service
from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.rings import rings
from tests.harness.site import APPID, Site
from tests.harness.sql import recorded, rename
from tests.harness.watched import held_back, tell_end
from wxlogin.extensions import db
from wxlogin.models import SessionEnd, User, UserOpenidIndex
from wxlogin.sessions.causes import Cause
from wxlogin.vault import BlindIndex

WEEK = 604_800
Make = Callable[..., Site]


def rows(site: Site) -> int:
    """How many ends are written."""
    site.app.extensions["wxlogin"].watch.recorder.flush()
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(SessionEnd)) or 0


# How sessions end


def test_who_was_replaced_is_told_by_which_login(
    make_site: Make,
) -> None:
    site = make_site(WXLOGIN_SINGLE_DEVICE_LOGIN="all")
    old = Phone(site, platform="ios", device_name="Alice's phone")
    new = Phone(site, platform="android")
    old.login()
    site.clock.forward(60)
    answer = new.try_login()
    owner = Operator(site).sign_in()
    ended, *_ = [item for item in story(owner, old.user_id) if item["kind"] == "session_ended"]
    by = answer.json()["session"]["id"]
    site.tokens.add(answer.json()["token"])
    assert (ended["session"], ended["why"], ended["by"]) == (old.session_id, "replaced", by)
    assert (ended["platform"], ended["device_name"]) == ("ios", "Alice's phone")
    assert (ended["by_platform"], ended["by_device_name"]) == ("android", None)
    assert ended["request_id"] == answer.headers["X-Request-Id"]


def test_a_login_from_the_same_device_replaces(site: Site, owner: Operator, phone: Phone) -> None:
    phone.login()
    before = phone.session_id
    phone.login(carry=True)
    assert ends(owner, phone.user_id) == [(before, "replaced", phone.session_id, None)]


@pytest.mark.settings(WXLOGIN_MAX_DEVICES="2")
def test_one_device_too_many_evicts_the_oldest(site: Site, owner: Operator) -> None:
    phones = [Phone(site) for _ in range(3)]
    for phone in phones:
        phone.login()
        site.clock.forward(1)
    expected = (phones[0].session_id, "evicted", phones[2].session_id, None)
    assert ends(owner, phones[0].user_id) == [expected]


@pytest.mark.parametrize(
    ("scope", "ended"), [("current", [0]), ("others", [1, 2]), ("all", [0, 1, 2])]
)
def test_who_signs_out_is_told_by_which_session(
    site: Site, owner: Operator, scope: str, ended: list[int]
) -> None:
    phones = [Phone(site) for _ in range(3)]
    for phone in phones:
        phone.login()
    assert phones[0].logout(scope) == len(ended)
    expected = {(phones[n].session_id, "signed_out", phones[0].session_id, None) for n in ended}
    assert set(ends(owner, phones[0].user_id)) == expected


def test_a_device_that_the_user_signs_out_from_another(
    site: Site, owner: Operator, phone: Phone
) -> None:
    phone.login()
    other = Phone(site)
    other.login()
    assert other.ask("DELETE", f"/v1/sessions/{phone.session_id}").ok
    expected = (phone.session_id, "signed_out", other.session_id, None)
    assert ends(owner, phone.user_id) == [expected]


def test_an_admin_who_ends_one_session_or_all(site: Site, owner: Operator, phone: Phone) -> None:
    phone.login()
    other = Phone(site)
    other.login()
    owner.done("DELETE", f"/sessions/{phone.user_id}.{phone.session_id}")
    site.clock.forward(1)
    answer = owner.ask("POST", f"/users/{phone.user_id}/kick")
    assert ends(owner, phone.user_id) == [
        (other.session_id, "kicked", actor(owner), None),
        (phone.session_id, "kicked", actor(owner), None),
    ]
    newest = next(i for i in story(owner, phone.user_id) if i["kind"] == "session_ended")
    assert newest["request_id"] == answer.headers["X-Request-Id"]


def test_a_service_that_kicks_is_named(site: Site, owner: Operator, phone: Phone) -> None:
    phone.login()
    service = Service(site, "operate")
    assert service.ask("POST", f"/admin/api/users/{phone.user_id}/kick").ok
    expected = (phone.session_id, "kicked", f"token:{service.id}", None)
    assert ends(owner, phone.user_id) == [expected]


def test_a_ban_tells_who_and_why(site: Site, owner: Operator, phone: Phone) -> None:
    phone.login()
    owner.done("POST", f"/users/{phone.user_id}/ban", json={"reason": "spam"})
    expected = (phone.session_id, "banned", actor(owner), "spam")
    assert ends(owner, phone.user_id) == [expected]


def test_a_disabled_app_and_the_end_of_its_sessions(
    site: Site, owner: Operator, phone: Phone
) -> None:
    phone.login()
    first = phone.session_id
    owner.done("POST", f"/apps/{APPID}/end-sessions")
    site.clock.forward(1)
    phone.login()
    owner.done("POST", f"/apps/{APPID}/disable")
    assert ends(owner, phone.user_id) == [
        (phone.session_id, "app_disabled", actor(owner), None),
        (first, "kicked", actor(owner), "app.end_sessions"),
    ]


# Expired


def test_a_session_that_nobody_used_expires_at_its_deadline(
    site: Site, owner: Operator, phone: Phone
) -> None:
    phone.login()
    login = story(owner, phone.user_id)[0]
    site.clock.forward(WEEK - 1)
    owner.sign_in()
    assert ends(owner, phone.user_id) == []
    site.clock.forward(1)
    assert ends(owner, phone.user_id) == [(phone.session_id, "expired", None, None)]
    expired = story(owner, phone.user_id)[0]
    assert (login["kind"], expired["at"] > login["at"]) == ("login", True)
    assert expired["not_after"] > expired["at"]


def test_a_session_in_use_has_not_expired(site: Site, owner: Operator, phone: Phone) -> None:
    phone.login()
    for _ in range(3):
        site.clock.forward(WEEK - 60)
        assert phone.refusal() == ""
    owner.sign_in()
    assert ends(owner, phone.user_id) == []
    site.clock.forward(WEEK)
    owner.sign_in()
    assert ends(owner, phone.user_id) == [(phone.session_id, "expired", None, None)]


def test_a_session_that_was_ended_does_not_expire_as_well(
    site: Site, owner: Operator, phone: Phone
) -> None:
    phone.login()
    phone.logout()
    site.clock.forward(5 * WEEK)
    owner.sign_in()
    assert [end[1] for end in ends(owner, phone.user_id)] == ["signed_out"]


# One row a session


def test_two_who_end_one_session_at_once_leave_one_row(
    site: Site, owner: Operator, phone: Phone
) -> None:
    phone.login()
    path = f"/users/{phone.user_id}/kick"
    together([lambda: owner.done("POST", path) for _ in range(4)])
    assert rows(site) == 1


def test_the_first_of_two_hosts_that_tell_of_an_end_is_kept(
    make_site: Make,
) -> None:
    sites = [make_site(), make_site()]
    phone = Phone(sites[0])
    phone.login()
    for site, cause in zip(sites, (Cause("kicked"), Cause("banned")), strict=True):
        tell_end(site, phone.user_id, phone.session_id, cause)
        assert rows(site) == 1
    assert [end[1] for end in ends(Operator(sites[0]).sign_in(), phone.user_id)] == ["kicked"]


def test_ends_wait_while_the_database_is_out(site: Site, owner: Operator, phone: Phone) -> None:
    phone.login()
    rename(site, "session_end", "gone")
    phone.logout()
    recorder = site.app.extensions["wxlogin"].watch.recorder
    recorder.flush()
    assert recorder.end_writer.has_pending
    rename(site, "gone", "session_end")
    assert [end[1] for end in ends(owner, phone.user_id)] == ["signed_out"]


def test_a_login_that_ends_sessions_costs_no_statement_more(site: Site, phone: Phone) -> None:
    phone.login()
    costs = []
    with recorded(site) as statements:
        for carry in (False, True):
            with held_back(site):
                before = len(statements)
                phone.login(carry=carry)
                costs.append(len(statements) - before)
    assert phone.login_answer["ended"] == 1
    assert costs[0] == costs[1]


# What goes with the user, and with time


def test_an_erasure_leaves_no_end_of_the_user(site: Site, owner: Operator, phone: Phone) -> None:
    phone.login()
    phone.login(carry=True)
    assert rows(site) == 1
    owner.done("POST", "/me/reauth", json={"password": owner.password})
    with held_back(site):
        owner.done("DELETE", f"/users/{phone.user_id}")
    assert rows(site) == 0
    assert owner.refusal("GET", f"/users/{phone.user_id}/timeline") == "NOT_FOUND"


def test_two_users_who_are_joined_have_one_story(
    make_site: Make,
) -> None:
    site = make_site(**rings(1, index=(2, 1)))
    owner = Operator(site).sign_in()
    old, new = Phone(site, "alice"), Phone(site, "alice")
    old.login()
    forget_openids(site)
    new.login()
    new.login(carry=True)
    CommandLine(site, "users").done("merge", "--", old.user_id, new.user_id)
    whys = [end[1] for end in ends(owner, old.user_id)]
    assert sorted(whys) == ["kicked", "replaced"]


def test_old_ends_are_purged(site: Site, phone: Phone) -> None:
    phone.login()
    phone.logout()
    assert rows(site) == 1
    site.clock.forward(179 * 86_400)
    assert "0 session ends" in CommandLine(site, "purge").done()
    site.clock.forward(2 * 86_400)
    assert "1 session end," in CommandLine(site, "purge").done()
    assert rows(site) == 0


def forget_openids(site: Site) -> None:
    """Lose the index of openids, so that everybody is a new user."""
    lost = BlindIndex(site.settings.index_keys).digests("nobody", "openid:")[0].digest
    with site.app.app_context():
        db.session.execute(update(User).values(openid_index=lost))
        db.session.execute(delete(UserOpenidIndex))
        db.session.commit()
