"""Nicknames that WeChat cannot check when they are stored are checked after the next login."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.own_profile import AVATAR, CHECK, checks, put, shown
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.sql import UserRow
from tests.harness.team import Team, dispatch
from tests.harness.timing import eventually
from wxlogin.outbox import EventType
from wxlogin.sandbox import Fault

TWO_HOURS = 7_200


@pytest.fixture(autouse=True)
def _login(phone: Phone) -> None:
    phone.login()


@pytest.fixture
def unchecked(site: Site, phone: Phone) -> Callable[[str], UserRow]:
    """Stores a nickname that WeChat could not check, as the user's last visit is too long ago."""

    def store(nickname: str) -> UserRow:
        site.clock.forward(TWO_HOURS)
        assert put(phone, nickname=nickname, avatar_url=AVATAR)["nickname"] == nickname
        row = UserRow(site, phone.user_id)
        assert row.column("nickname_unchecked")
        return row

    return store


def test_a_nickname_that_wechat_cannot_check_is_checked_after_the_next_login(
    site: Site, phone: Phone, unchecked: Callable[[str], UserRow]
) -> None:
    row = unchecked("小明")
    phone.login()
    eventually(lambda: not row.column("nickname_unchecked"))
    assert shown(phone)["profile"] == {"nickname": "小明", "avatar_url": AVATAR}
    before = checks(site)
    phone.login()
    site.services.accounts.nickname_checks.run()
    assert checks(site) == before


def test_one_that_turns_out_to_be_risky_is_deleted_and_that_is_told(
    site: Site, phone: Phone, unchecked: Callable[[str], UserRow]
) -> None:
    row = unchecked("上网赌博")
    with Team() as team:
        site.services.webhooks.dispatcher._routing.refuse_new()
        team.subscribe(site, EventType.USER_PROFILE_CHANGED)
        phone.login()
        eventually(lambda: not row.column("nickname_unchecked"))
        dispatch(site)
        assert team.names() == ["user.profile_changed"]
    found = shown(phone)
    assert found["profile"] == {"nickname": None, "avatar_url": AVATAR}
    assert not found["user"]["is_complete"]


def test_a_login_does_not_wait_for_the_check(
    site: Site, phone: Phone, unchecked: Callable[[str], UserRow]
) -> None:
    row = unchecked("上网赌博")
    with site.sandbox.faults.hold(CHECK) as hold:
        phone.login()
        assert hold.arrived()
        assert row.column("nickname_unchecked")
    eventually(lambda: not row.column("nickname_unchecked"))


def test_a_check_that_fails_follows_the_login_after(
    site: Site, phone: Phone, unchecked: Callable[[str], UserRow]
) -> None:
    row = unchecked("上网赌博")
    before = checks(site)
    site.sandbox.faults.queue(CHECK, Fault(errcode=45009))
    phone.login()
    eventually(lambda: checks(site) > before)
    eventually(lambda: any("is not checked yet" in line for line in site.log.lines))
    assert row.column("nickname_unchecked")
    phone.login()
    eventually(lambda: not row.column("nickname_unchecked"))
    assert shown(phone)["profile"]["nickname"] is None


def test_a_nickname_that_was_changed_meanwhile_is_not_the_one_that_was_checked(
    site: Site, phone: Phone, unchecked: Callable[[str], UserRow]
) -> None:
    row = unchecked("上网赌博")
    with site.sandbox.faults.hold(CHECK) as hold:
        phone.login()
        assert hold.arrived()
        profiles = site.services.accounts.profiles
        with site.app.app_context():
            profiles.change(phone.user_id, "小明", None, unchecked=True)
    site.services.accounts.nickname_checks.stop()
    assert shown(phone)["profile"]["nickname"] == "小明"
    assert row.column("nickname_unchecked")


def test_a_profile_of_wechats_needs_no_check(
    site: Site, phone: Phone, unchecked: Callable[[str], UserRow]
) -> None:
    row = unchecked("上网赌博")
    before = checks(site)
    phone.login()
    eventually(lambda: checks(site) > before)
    site.clock.forward(TWO_HOURS)
    put(phone, nickname="上网赌博")
    assert phone.ask("POST", "/v1/session/key", json={"code": phone.code()}).ok
    profile = site.sandbox.world.profile("alice")
    assert phone.ask("POST", "/v1/decrypt/profile", json=profile).ok
    assert not row.column("nickname_unchecked")
