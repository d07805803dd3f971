"""Logins at the same moment, over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import func, select

from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.extensions import db
from wxlogin.models import App, LoginRecord, User

PATH = "/sns/jscode2session"


def rows(site: Site, model: type[App | LoginRecord | User]) -> int:
    """How many rows the table holds."""
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_six_requests_with_one_code_are_one_login(site: Site, phone: Phone) -> None:
    code = phone.code()
    answers = together([partial(phone.try_login, code=code)] * 6)
    site.tokens |= {answer.json()["token"] for answer in answers if answer.ok}
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 5]
    assert {site.problem(answer) for answer in answers if not answer.ok} == {"CODE_USED"}
    assert site.sandbox.world.calls[PATH] == 1
    assert [rows(site, model) for model in (User, LoginRecord)] == [1, 1]


def test_first_logins_at_once_make_one_user(site: Site) -> None:
    """WeChat keeps all of them waiting, so that they come to the database together."""
    phones = [Phone(site) for _ in range(8)]
    with site.sandbox.faults.hold(PATH) as hold, ThreadPoolExecutor(len(phones)) as pool:
        logins = [pool.submit(phone.login) for phone in phones]
        assert all(hold.arrived() for _ in phones)
        hold.set()
        answers = [login.result(timeout=20) for login in logins]
    assert len({answer["user"]["id"] for answer in answers}) == 1
    assert sum(answer["user"]["is_new"] for answer in answers) == 1
    assert [rows(site, model) for model in (App, User, LoginRecord)] == [1, 1, 8]
    assert all(phone.refusal() == "" for phone in phones)


def test_first_logins_of_many_users_at_once_do_not_mix(site: Site) -> None:
    phones = [Phone(site, f"user{number}") for number in range(8)]
    together([phone.login for phone in phones])
    assert len({phone.user_id for phone in phones}) == len(phones)
    for phone in phones:
        assert phone.ask("GET", "/v1/session").json()["user"]["id"] == phone.user_id
        assert len(phone.ask("GET", "/v1/sessions").json()["sessions"]) == 1


@pytest.mark.settings(WXLOGIN_MAX_DEVICES="3")
def test_of_logins_at_once_as_many_survive_as_a_user_may_hold(site: Site) -> None:
    phones = [Phone(site) for _ in range(10)]
    ended = [answer["ended"] for answer in together([phone.login for phone in phones])]
    assert sum(ended) == 7
    assert sorted(phone.refusal() for phone in phones) == [*[""] * 3, *["SESSION_REPLACED"] * 7]
