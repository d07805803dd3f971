"""What owners do to admins."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.console import PASSWORD, Operator
from tests.harness.crowd import together
from tests.harness.site import Site


@pytest.fixture
def vera(site: Site) -> Operator:
    """A viewer who is signed in."""
    return Operator(site, "viewer", "vera").sign_in()


def test_an_admin_is_made_with_a_password_of_their_own(site: Site, owner: Operator) -> None:
    body = {"name": "otto", "role": "operator", "password": PASSWORD}
    made = owner.done("POST", "/admins", json=body)
    assert made["password"] is None
    assert (made["admin"]["name"], made["admin"]["role"]) == ("otto", "operator")
    body = {"username": "otto", "password": PASSWORD}
    assert site.request("POST", "/admin/api/login", json=body).ok


def test_without_one_a_password_is_made_and_shown_once(site: Site, owner: Operator) -> None:
    password = owner.done("POST", "/admins", json={"name": "otto", "role": "viewer"})["password"]
    site.tokens.add(password)
    body = {"username": "otto", "password": password}
    assert site.request("POST", "/admin/api/login", json=body).ok


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "vera", "role": "viewer"}, "name"),
        ({"name": "Otto", "role": "viewer"}, "name"),
        ({"name": "otto", "role": "king"}, "role"),
        ({"name": "otto", "role": "viewer", "password": "otto-otto-otto"}, "password"),
        ({"name": "otto", "role": "viewer", "admin": True}, "admin"),
    ],
)
def test_what_makes_no_account_is_refused_by_its_field(
    owner: Operator, vera: Operator, body: dict[str, Any], field: str
) -> None:
    (fault,) = owner.ask("POST", "/admins", json=body).json()["errors"]
    assert fault["field"] == field


def test_the_list_pages_newest_first(owner: Operator, vera: Operator) -> None:
    first = owner.done("GET", "/admins?limit=1")
    assert [item["name"] for item in first["items"]] == ["vera"]
    second = owner.done("GET", f"/admins?limit=1&cursor={first['next']}")
    assert [item["name"] for item in second["items"]] == [owner.name]
    assert second["next"] is None


ODD_PAGES = ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=WzEsMl0", "cursor=eyJhIjoxfQ"]


def test_an_odd_page_is_refused(owner: Operator, subtests: pytest.Subtests) -> None:
    for query in ODD_PAGES:
        with subtests.test(query=query):
            assert owner.refusal("GET", f"/admins?{query}") == "INVALID_REQUEST"


@pytest.mark.parametrize("change", [{"role": "operator"}, {"disabled": True}])
def test_a_change_ends_the_admin_s_sessions(
    owner: Operator, vera: Operator, change: dict[str, Any]
) -> None:
    changed = owner.done("PATCH", f"/admins/{vera.id}", json=change)
    assert changed["ended"] == 1
    assert change.items() <= changed["admin"].items()
    assert vera.refusal("GET", "/me") == "SESSION_EXPIRED"


def test_who_is_enabled_again_may_sign_in(owner: Operator, vera: Operator) -> None:
    owner.done("PATCH", f"/admins/{vera.id}", json={"disabled": True})
    assert not vera.try_sign_in().ok
    owner.done("PATCH", f"/admins/{vera.id}", json={"disabled": False})
    vera.sign_in()


def test_a_password_that_was_reset_is_shown_once(owner: Operator, vera: Operator) -> None:
    vera.password = owner.done("POST", f"/admins/{vera.id}/reset-password")["password"]
    owner.site.tokens.add(vera.password)
    assert vera.refusal("GET", "/me") == "SESSION_EXPIRED"
    vera.sign_in()


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"disabled": True}])
def test_the_last_owner_stays(owner: Operator, change: dict[str, Any]) -> None:
    assert owner.refusal("PATCH", f"/admins/{owner.id}", json=change) == "FORBIDDEN"
    assert owner.done("GET", "/audit")["items"][0]["outcome"] == "refused"
    assert owner.done("GET", "/me")["admin"]["role"] == "owner"


def test_an_owner_beside_another_may_step_back(site: Site, owner: Operator) -> None:
    another = Operator(site, "owner").sign_in()
    another.done("PATCH", f"/admins/{owner.id}", json={"role": "viewer"})
    assert another.refusal("PATCH", f"/admins/{another.id}", json={"disabled": True}) == "FORBIDDEN"


def test_a_change_of_nothing_is_refused(owner: Operator, vera: Operator) -> None:
    assert owner.refusal("PATCH", f"/admins/{vera.id}", json={}) == "INVALID_REQUEST"


def test_of_owners_who_all_step_back_at_once_one_stays(site: Site) -> None:
    owners = [Operator(site, "owner").sign_in() for _ in range(4)]
    body = {"disabled": True}
    answers = together([lambda o=o: o.ask("PATCH", f"/admins/{o.id}", json=body) for o in owners])
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 403]


def test_who_is_not_there_is_not_found(owner: Operator) -> None:
    assert owner.refusal("PATCH", "/admins/nobody", json={"disabled": True}) == "NOT_FOUND"


def test_of_many_who_make_one_name_one_does(owner: Operator) -> None:
    body = {"name": "otto", "role": "viewer", "password": PASSWORD}
    answers = together([lambda: owner.ask("POST", "/admins", json=body)] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


# Whatever Redis says, the database counts


def test_a_session_of_before_a_change_is_refused_though_redis_has_it(
    owner: Operator, vera: Operator
) -> None:
    key = f"wxl:1:admin:{vera.id}"
    kept = owner.site.redis.hgetall(key)
    owner.done("PATCH", f"/admins/{vera.id}", json={"role": "operator"})
    owner.site.redis.hset(key, mapping=kept)
    owner.site.redis.pexpire(key, 60_000)
    assert vera.refusal("GET", "/me") == "SESSION_REVOKED"
