"""The admin on the databases of production: accounts, the chain of the audit trail."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.harness.console import PASSWORD, Operator, Service
from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.trail import Trail
from tests.harness.watched import events


@pytest.fixture
def site(migrated_site: Site) -> Site:
    """A running wxlogin on each database in turn."""
    return migrated_site


def test_an_owner_makes_an_operator_who_signs_in(site: Site) -> None:
    owner = Operator(site, "owner").sign_in()
    body = {"name": "otto", "role": "operator", "password": PASSWORD}
    otto = owner.done("POST", "/admins", json=body)["admin"]
    assert [item["name"] for item in owner.done("GET", "/admins")["items"]] == ["otto", owner.name]
    body = {"username": "otto", "password": PASSWORD}
    assert site.request("POST", "/admin/api/login", json=body).ok
    assert owner.done("PATCH", f"/admins/{otto['id']}", json={"disabled": True})["ended"] == 1


@pytest.mark.parametrize("name", ["VERA", "véra", "薇拉", "vera\x7f", "vera "])
def test_names_are_equal_only_to_the_letter(site: Site, name: str) -> None:
    Operator(site, "viewer", "vera")
    body = {"username": name, "password": PASSWORD}
    answer = site.request("POST", "/admin/api/login", json=body)
    assert site.problem(answer) == "CREDENTIALS_INVALID"


@pytest.mark.parametrize("more", ["薇", "%00", "%20"])
def test_ids_with_more_behind_them_are_nobody_s(site: Site, phone: Phone, more: str) -> None:
    owner, service = Operator(site, "owner").sign_in(), Service(site, "read")
    user = phone.login()["user"]["id"]
    assert owner.refusal("PATCH", f"/admins/{owner.id}{more}", json={"role": "owner"}) == (
        "NOT_FOUND"
    )
    assert owner.refusal("DELETE", f"/tokens/{service.id}{more}") == "NOT_FOUND"
    assert owner.refusal("POST", f"/users/{user}{more}/kick") == "NOT_FOUND"
    assert owner.refusal("GET", f"/audit?target=admin:{owner.name}{more}") == "INVALID_REQUEST"
    assert owner.refusal("GET", f"/events?subject=127.0.0.1{more}") == "INVALID_REQUEST"


def test_lists_are_filtered(site: Site, phone: Phone) -> None:
    owner = Operator(site, "owner").sign_in()
    user = phone.login()["user"]["id"]
    owner.done("POST", f"/users/{user}/ban", json={"reason": "spam"})
    events(site)
    times = "since=2020-01-01T00:00:00Z&until=2190-01-01T00:00:00Z"
    for path, found in (
        (f"/users?app={APPID}&banned=true&{times}", 1),
        (f"/users?banned=false&{times}", 0),
        (f"/events?app={APPID}&user={user}&address=127.0.0.1&severity=info&{times}", 1),
        (f"/audit?actor=admin:{owner.name}&act=user.ban&outcome=done&{times}", 1),
        ("/audit?outcome=intent", 0),
    ):
        assert len(owner.done("GET", path)["items"]) == found, path


def test_two_owners_cannot_demote_each_other_at_once(site: Site) -> None:
    first, second = (Operator(site, "owner").sign_in() for _ in range(2))
    answers = together(
        [
            lambda: first.ask("PATCH", f"/admins/{second.id}", json={"role": "viewer"}),
            lambda: second.ask("PATCH", f"/admins/{first.id}", json={"role": "viewer"}),
        ]
    )
    assert sum(answer.ok for answer in answers) == 1


@pytest.fixture
def second_site(site: Site, make_site: Callable[..., Site]) -> Site:
    """Another host on the same stores."""
    return make_site(WXLOGIN_DATABASE_URL=site.settings.database_url)


def test_many_writers_on_two_hosts_make_one_chain(site: Site, second_site: Site) -> None:
    trails = [Trail(site), Trail(second_site)]
    together([lambda one=one: one.act(5, reason="垃圾消息 📱") for one in trails * 4])
    assert [row.number for row in trails[0].rows()] == list(range(1, 81))
    assert trails[0].faults() == []
    trails[0].spoil("UPDATE audit_entry SET reason = 'none' WHERE number = 7")
    assert trails[0].faults() == ["Entry 7 was changed."]


def test_of_two_at_once_with_one_code_one_gets_in(site: Site) -> None:
    owner = Operator(site, "owner").sign_in()
    owner.enrol()
    site.clock.forward(30)
    otp = owner.otp()
    answers = together([lambda: owner.try_sign_in(otp=otp)] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
