"""One person in several mini-programs: one id, which the unionid joins."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from tests.admin.people import OTHER, OTHER_SECRET, two_apps
from tests.harness.command_line import CommandLine
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.sql import UserRow, ids_of
from tests.harness.team import Team, dispatch
from wxlogin.extensions import db
from wxlogin.models import User
from wxlogin.outbox import EventType

THIRD = "wx2222222222222222"


@pytest.fixture(autouse=True)
def apps(site: Site) -> None:
    """Two mini-programs of one team."""
    two_apps(site)
    site.services.webhooks.dispatcher._routing.refuse_new()


def login(site: Site, appid: str = APPID, user: str = "alice", *, unionid: bool = True) -> Phone:
    """The user's phone, signed in; WeChat tells the unionid or does not."""
    world, phone = site.sandbox.world, Phone(site, user)
    world.open_platform = unionid
    site.secrets |= {world.openid(user, appid), world.session_key(user, appid)}
    site.secrets |= {world.unionid(user)} - {None}
    phone.login(code=world.login_code(user, appid), appid=appid)
    return phone


def person(site: Site, phone: Phone) -> str:
    """The id of the person that a user is."""
    return str(UserRow(site, phone.user_id).column("person"))


def test_each_user_has_a_person_of_a_random_id(site: Site) -> None:
    persons = [person(site, login(site, user=name, unionid=False)) for name in ("alice", "bob")]
    assert all(re.fullmatch("[A-Za-z0-9_-]{22}", one) for one in persons)
    assert len(set(persons)) == 2


def test_users_of_one_unionid_are_one_person(site: Site) -> None:
    first, second, bob = login(site), login(site, OTHER), login(site, user="bob")
    assert person(site, first) == person(site, second) != person(site, bob)


def test_users_of_no_unionid_are_apart(site: Site) -> None:
    first, second = login(site, unionid=False), login(site, OTHER, unionid=False)
    assert person(site, first) != person(site, second)


def test_the_older_users_person_stays_when_a_unionid_appears(site: Site) -> None:
    older, younger = login(site, unionid=False), login(site, OTHER, unionid=False)
    oldest_id = person(site, older)
    assert person(site, login(site, OTHER)) != oldest_id
    login(site)
    assert person(site, younger) == person(site, older) == oldest_id


def test_a_fresh_session_key_joins_too(site: Site) -> None:
    older, younger = login(site), login(site, OTHER, unionid=False)
    site.sandbox.world.open_platform = True
    code = site.sandbox.world.login_code("alice", OTHER)
    assert younger.ask("POST", "/v1/session/key", json={"code": code}).ok
    assert person(site, younger) == person(site, older)


def test_what_the_page_sends_joins_nobody(site: Site) -> None:
    older, younger = login(site, OTHER), login(site, unionid=False)
    site.sandbox.world.open_platform = True
    answer = younger.ask("POST", "/v1/decrypt/profile", json=site.sandbox.world.profile("alice"))
    assert answer.status_code == 200
    assert person(site, younger) != person(site, older)
    login(site)
    assert person(site, younger) == person(site, older)


def test_all_users_of_both_persons_get_the_older_one(site: Site) -> None:
    """The younger person has users whom no unionid of this login names."""
    CommandLine(site, "apps").add(THIRD, OTHER_SECRET)
    older, younger, hanger_on = (
        login(site, unionid=False),
        login(site, OTHER),
        login(site, THIRD, "bob", unionid=False),
    )
    with site.app.app_context():
        held = update(User).where(User.public_id == hanger_on.user_id)
        db.session.execute(held.values(person=person(site, younger)))
        db.session.commit()
    login(site)
    assert {person(site, one) for one in (older, younger, hanger_on)} == {person(site, older)}


def test_a_user_whom_an_older_version_created_gets_a_person(site: Site) -> None:
    phone = login(site, unionid=False)
    with site.app.app_context():
        db.session.execute(update(User).values(person=None, ids_version=None))
        db.session.commit()
    login(site, unionid=False)
    first = person(site, phone)
    assert re.fullmatch("[A-Za-z0-9_-]{22}", first)
    login(site, unionid=False)
    assert person(site, phone) == first


def test_first_logins_at_once_are_one_person(site: Site) -> None:
    world = site.sandbox.world
    world.open_platform = True
    site.secrets |= {world.unionid("alice")} - {None}
    codes = [(appid, world.login_code("alice", appid)) for appid in (APPID, OTHER) * 3]
    with ThreadPoolExecutor(6) as pool:
        phones = list(pool.map(lambda one: _login(site, *one), codes))
    assert len({phone.user_id for phone in phones}) == 2
    assert len({person(site, phone) for phone in phones}) == 1


def _login(site: Site, appid: str, code: str) -> Phone:
    phone = Phone(site)
    site.secrets |= {site.sandbox.world.openid("alice", appid)}
    phone.login(code=code, appid=appid)
    return phone


# What the team is told


def test_a_join_is_told_once_with_the_id_that_went(site: Site) -> None:
    older, younger = login(site, unionid=False), login(site, OTHER, unionid=False)
    gone = person(site, younger)
    with Team() as team:
        team.subscribe(site, EventType.PERSON_JOINED)
        login(site), login(site, OTHER), login(site, OTHER), login(site)
        dispatch(site)
        [told] = team.got
    assert told.event["data"] == {**ids_of(site, younger.user_id, OTHER), "previous": gone}
    assert told.event["data"]["person"] == person(site, older)


def test_a_new_user_of_a_known_person_is_told_to_have_joined(site: Site) -> None:
    login(site)
    with Team() as team:
        team.subscribe(site, EventType.USER_CREATED, EventType.PERSON_JOINED)
        second = login(site, OTHER)
        dispatch(site)
        assert team.names() == ["user.created", "person.joined"]
        created, joined = [one.event["data"] for one in team.got]
    ids = ids_of(site, second.user_id, OTHER)
    assert created == {**ids, "risk_rank": None}
    assert joined == {**ids, "previous": None}
