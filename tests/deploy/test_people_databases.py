"""What operators do to users, on the databases of production."""

from __future__ import annotations

from functools import partial

import pytest
import requests
from sqlalchemy import select

from tests.admin.people import OTHER, number, signed_in, told, two_apps
from tests.harness.console import Operator
from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.extensions import db
from wxlogin.models import LoginRecord, SecurityEvent, User


@pytest.fixture
def site(migrated_site: Site) -> Site:
    """A running wxlogin on each database in turn."""
    return migrated_site


def test_users_are_listed_found_and_linked(site: Site, owner: Operator) -> None:
    two_apps(site)
    phones = [told(signed_in(site)), told(signed_in(site, appid=OTHER), OTHER)]
    newest = [phone.user_id for phone in reversed(phones)]
    first = owner.done("GET", "/users", params={"limit": 1})
    second = owner.done("GET", "/users", params={"limit": 1, "cursor": first["next"]})
    assert [item["id"] for page in (first, second) for item in page["items"]] == newest
    found = owner.done("POST", "/users/search", json={"phone": number(phones[0])})
    assert [item["id"] for item in found["items"]] == newest
    openid = site.sandbox.world.openid("alice", OTHER)
    found = owner.done("POST", "/users/search", json={"openid": openid})
    assert [item["id"] for item in found["items"]] == [phones[1].user_id]
    linked = owner.done("GET", f"/users/{phones[0].user_id}")["linked"]
    assert linked == [{"id": phones[1].user_id, "app": OTHER}]


def test_logins_of_one_second_page_without_a_gap(owner: Operator, phone: Phone) -> None:
    sessions = [phone.login()["session"]["id"] for _ in range(3)]
    path, found, cursor = f"/users/{phone.user_id}/logins", [], {}
    for _ in sessions:
        page = owner.done("GET", path, params={"limit": 1, **cursor})
        found.append(page["items"][0]["session"])
        cursor = {"cursor": page["next"]}
    assert found == sessions[::-1]
    assert cursor == {"cursor": None}


def test_a_ban_holds_until_it_is_lifted(site: Site, owner: Operator, phone: Phone) -> None:
    user = phone.login()["user"]["id"]
    body = {"reason": "垃圾消息 📱", "until": "2199-01-01T00:00:00Z"}
    for _ in range(2):  # the second changes nothing, and the user is found all the same
        owner.done("POST", f"/users/{user}/ban", json=body)
        assert owner.done("GET", f"/users/{user}")["ban"] == body
    assert site.problem(phone.try_login()) == "USER_BANNED"
    owner.done("DELETE", f"/users/{user}/ban")
    phone.login()


def test_an_erasure_among_logins_leaves_nothing_of_the_user(
    site: Site, owner: Operator, phone: Phone
) -> None:
    user = phone.login()["user"]["id"]
    site.app.extensions["wxlogin"].watch.recorder.flush()
    logins = [partial(Phone(site).try_login) for _ in range(8)]
    erase = partial(owner.ask, "DELETE", f"/users/{user}")
    erased, *answers = together([erase, *logins])
    assert erased.ok, erased.text
    site.tokens |= {answer.json()["token"] for answer in answers if answer.ok}
    assert {code(site, answer) for answer in answers} <= {"", "SESSION_EXPIRED"}
    with site.app.app_context():
        users = db.session.scalars(select(User.public_id)).all()
        owners = set(db.session.scalars(select(LoginRecord.user_id)))
        assert len(users) == len(owners) <= 1
        assert user not in users
        subjects = db.session.scalars(select(SecurityEvent.subject))
        assert any(subject.startswith("erased:") for subject in subjects)


def code(site: Site, answer: requests.Response) -> str:
    """How a login was refused, if it was."""
    return "" if answer.ok else site.problem(answer)
