"""What users do about themselves, on the databases of production."""

from __future__ import annotations

from functools import partial

import pytest

from tests.api.own_profile import AVATAR, ME, PROFILE, put, shown
from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.sql import UserRow, rows_with
from tests.harness.timing import eventually


@pytest.fixture
def site(migrated_site: Site) -> Site:
    """A running wxlogin on each database in turn."""
    return migrated_site


def test_nickname_and_avatar_that_come_at_once_are_both_kept(site: Site, phone: Phone) -> None:
    phone.login()
    bodies = [{"nickname": "小明 👩\u200d🚀"}, {"avatar_url": AVATAR}] * 4
    answers = together([partial(phone.ask, "PUT", PROFILE, json=body) for body in bodies])
    assert [answer.status_code for answer in answers] == [200] * len(bodies)
    assert shown(phone)["profile"] == {"nickname": "小明 👩\u200d🚀", "avatar_url": AVATAR}


def test_a_nickname_is_checked_after_the_next_login(site: Site, phone: Phone) -> None:
    phone.login()
    site.clock.forward(7_200)
    put(phone, nickname="上网赌博")
    row = UserRow(site, phone.user_id)
    assert row.column("nickname_unchecked")
    phone.login()
    eventually(lambda: not row.column("nickname_unchecked"))
    assert shown(phone)["profile"]["nickname"] is None
    assert row.column("profile_sealed") is None


def test_who_leaves_twice_at_once_is_gone_once(site: Site, phone: Phone) -> None:
    phone.login()
    put(phone, nickname="小明明明明明")
    assert phone.ask("GET", f"{ME}/export").json()["user"]["profile"] == {
        "nickName": "小明明明明明"
    }
    answers = together([partial(phone.ask, "DELETE", ME) for _ in range(2)])
    codes = sorted("" if one.ok else site.problem(one) for one in answers)
    assert codes[0] == ""
    assert set(codes) <= {"", "SESSION_EXPIRED", "SESSION_REVOKED"}
    assert set(rows_with(site, phone.user_id)) == {"audit_entry", "erased_user"}
