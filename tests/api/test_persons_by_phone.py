"""One person by a phone number: a setting, off by default, and never against WeChat's word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.admin.people import OTHER, OTHER_SECRET, number, signed_in, two_apps
from tests.harness.command_line import CommandLine
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.sql import UserRow
from tests.harness.team import Team, dispatch
from wxlogin.extensions import db
from wxlogin.models import User
from wxlogin.outbox import EventType

THIRD = "wx2222222222222222"
ON = pytest.mark.settings(WXLOGIN_JOIN_BY_PHONE="on")


@pytest.fixture(autouse=True)
def apps(site: Site) -> None:
    """Two mini-programs that have no Open Platform account in common."""
    two_apps(site)
    site.sandbox.world.open_platform = False


def give_number(phone: Phone, appid: str = APPID) -> None:
    """Press the phone button; WeChat tells the number for the code."""
    phone.site.tokens.add(number(phone))
    code = phone.site.sandbox.world.phone_code(phone.user, appid)
    assert phone.ask("POST", "/v1/decrypt/phone", json={"code": code}).ok


def person(phone: Phone) -> str:
    """The person that a live session names."""
    return str(phone.ask("GET", "/v1/auth").headers["X-Wxlogin-Person"])


def take_number(site: Site, taker: Phone, owner: Phone) -> None:
    """WeChat has told the owner's number of the taker too."""
    with site.app.app_context():
        own = select(User.phone_index).where(User.public_id == owner.user_id)
        columns = {"phone_index": db.session.scalar(own), "phone_told": True}
        db.session.execute(update(User).where(User.public_id == taker.user_id).values(columns))
        db.session.commit()


def both(site: Site) -> tuple[Phone, Phone]:
    """Alice in either mini-program, the older first."""
    older = signed_in(site)
    site.clock.forward(1)
    return older, signed_in(site, appid=OTHER)


def again(phone: Phone, appid: str) -> None:
    """Log in once more: by now WeChat tells the unionid."""
    world = phone.site.sandbox.world
    world.open_platform = True
    phone.site.secrets |= {world.unionid(phone.user)} - {None}
    phone.login(code=world.login_code(phone.user, appid), appid=appid)


def linked(site: Site) -> tuple[Phone, Phone]:
    """Alice and Bob, each in a mini-program: WeChat told one number of both, and no unionid."""
    alice = signed_in(site)
    site.clock.forward(1)
    bob = signed_in(site, "bob", OTHER)
    give_number(alice)
    take_number(site, bob, alice)
    give_number(alice)
    assert person(alice) == person(bob)
    return alice, bob


def test_a_number_joins_nobody_by_default(site: Site) -> None:
    older, younger = both(site)
    give_number(older)
    give_number(younger, OTHER)
    assert person(older) != person(younger)


@ON
def test_a_number_that_wechat_told_of_both_joins_them(site: Site) -> None:
    older, younger = both(site)
    before = person(older)
    give_number(younger, OTHER)
    assert person(older) != person(younger)
    with Team() as team:
        team.subscribe(site, EventType.PERSON_JOINED)
        give_number(older)
        dispatch(site)
        assert [one.event["data"]["user"] for one in team.got] == [younger.user_id]
    assert person(older) == person(younger) == before


@ON
def test_a_number_that_came_through_a_phone_joins_nobody(site: Site) -> None:
    older, younger = both(site)
    site.tokens.add(number(older))
    sealed = site.sandbox.world.phone("alice", APPID)
    assert older.ask("POST", "/v1/decrypt/phone", json=sealed).ok
    give_number(younger, OTHER)
    assert person(older) != person(younger)
    give_number(older)
    assert person(older) == person(younger)


@ON
def test_a_number_of_an_import_joins_nobody(site: Site, tmp_path: Path) -> None:
    older, younger = both(site)
    file = tmp_path / "users.jsonl"
    row = {"openid": site.sandbox.world.openid("alice"), "phone": number(older)}
    file.write_text(json.dumps(row), encoding="utf-8")
    site.tokens.add(number(older))
    CommandLine(site, "users").done("import", str(file), "--appid", APPID)
    give_number(younger, OTHER)
    assert person(older) != person(younger)


@ON
def test_two_users_of_one_mini_program_are_two_people(site: Site) -> None:
    alice, bob = signed_in(site), signed_in(site, "bob")
    give_number(alice)
    take_number(site, bob, alice)
    elsewhere = signed_in(site, appid=OTHER)
    give_number(elsewhere, OTHER)
    assert len({person(alice), person(bob), person(elsewhere)}) == 3


@ON
def test_two_unionids_are_two_people(site: Site) -> None:
    site.sandbox.world.open_platform = True
    alice, bob = signed_in(site), signed_in(site, "bob", OTHER)
    give_number(alice)
    take_number(site, bob, alice)
    give_number(alice)
    assert person(alice) != person(bob)


@ON
def test_a_unionid_takes_a_user_out_of_the_person_of_another_unionid(site: Site) -> None:
    CommandLine(site, "apps").add(THIRD, OTHER_SECRET)
    alice, bob = linked(site)
    again(bob, OTHER)
    bound = signed_in(site, "alice", THIRD)
    again(alice, APPID)
    assert person(alice) == person(bound) != person(bob)


@ON
def test_a_unionid_that_nobody_else_has_does_so_too(site: Site) -> None:
    alice, bob = linked(site)
    again(bob, OTHER)
    shared = person(bob)
    again(alice, APPID)
    assert person(alice) != person(bob) == shared


@ON
def test_a_unionid_joins_no_two_users_of_one_mini_program(site: Site) -> None:
    alice, bob = linked(site)
    site.sandbox.world.open_platform = True
    bound = signed_in(site, "bob")
    again(bob, OTHER)
    assert person(bob) == person(bound) != person(alice)


@ON
def test_a_first_login_joins_no_two_users_of_one_mini_program(site: Site) -> None:
    alice, bob = linked(site)
    again(bob, OTHER)
    first = signed_in(site, "bob")
    assert person(first) == person(bob) != person(alice)


@ON
def test_an_import_joins_no_two_users_of_one_mini_program(site: Site, tmp_path: Path) -> None:
    alice, bob = linked(site)
    again(bob, OTHER)
    world, file = site.sandbox.world, tmp_path / "users.jsonl"
    row = {"openid": world.openid("bob"), "unionid": world.unionid("bob")}
    file.write_text(json.dumps(row), encoding="utf-8")
    CommandLine(site, "users").done("import", str(file), "--appid", APPID)
    assert person(alice) == person(bob)
    first = signed_in(site, "bob")
    assert person(first) == person(bob) != person(alice)


@ON
def test_a_unionid_that_contradicts_nobody_leaves_them_joined(site: Site) -> None:
    CommandLine(site, "apps").add(THIRD, OTHER_SECRET)
    alice, bob = linked(site)
    site.sandbox.world.open_platform = True
    bound = signed_in(site, "alice", THIRD)
    again(alice, APPID)
    assert person(alice) == person(bob) == person(bound)


@ON
def test_a_number_that_was_withdrawn_joins_nobody(site: Site) -> None:
    older, younger = both(site)
    give_number(older)
    with site.app.app_context():
        site.services.accounts.users.clear_open_data(
            older.user_id,
            phone=True,
            profile=False,
            tell=EventType.AUTHORIZATION_REVOKED,
            data={},
        )
    assert UserRow(site, older.user_id).column("phone_told") is None
    give_number(younger, OTHER)
    assert person(older) != person(younger)
