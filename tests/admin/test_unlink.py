"""An operator unlinks a user from their person, and may let them be joined again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.admin.people import OTHER, signed_in, two_apps
from tests.api.test_persons_by_phone import give_number
from tests.harness.console import Operator
from tests.harness.held_statement import HeldStatement
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site

REASON = {"reason": "The number went to somebody else"}


@pytest.fixture
def pair(site: Site) -> tuple[Phone, Phone]:
    """Alice in two mini-programs: one person."""
    two_apps(site)
    return signed_in(site), signed_in(site, appid=OTHER)


def person(phone: Phone) -> str:
    """The person that a live session names."""
    return str(phone.ask("GET", "/v1/auth").headers["X-Wxlogin-Person"])


def again(phone: Phone, appid: str) -> None:
    """Log in once more, with the unionid."""
    phone.login(code=phone.site.sandbox.world.login_code(phone.user, appid), appid=appid)


def test_a_user_who_is_unlinked_has_a_person_of_their_own(
    owner: Operator, pair: tuple[Phone, Phone]
) -> None:
    first, second = pair
    shared = person(first)
    assert person(second) == shared
    shown = owner.done("POST", f"/users/{second.user_id}/unlink", json=REASON)
    assert (shown["kept_apart"], shown["linked"]) == (True, [])
    assert person(first) == shared
    assert person(second) == shown["person"] != shared
    assert owner.done("GET", f"/users/{first.user_id}")["linked"] == []


def test_no_login_joins_them_again(site: Site, owner: Operator, pair: tuple[Phone, Phone]) -> None:
    first, second = pair
    shared = person(first)
    own = owner.done("POST", f"/users/{first.user_id}/unlink", json=REASON)["person"]
    again(second, OTHER)
    again(first, APPID)
    assert (person(first), person(second)) == (own, shared)
    bob = signed_in(site, "bob")
    assert person(bob) not in (own, shared)


def test_a_login_at_the_same_moment_does_not_undo_it(site: Site, owner: Operator) -> None:
    two_apps(site)
    site.sandbox.world.open_platform = False
    first, second = signed_in(site), signed_in(site, appid=OTHER)
    site.sandbox.world.open_platform = True
    again(first, APPID)
    with HeldStatement(site, " SET id=") as held, ThreadPoolExecutor(1) as pool:
        login = pool.submit(again, second, OTHER)
        assert held.arrived()
        own = owner.done("POST", f"/users/{second.user_id}/unlink", json=REASON)["person"]
        held.let_go()
        login.result(20)
    assert person(second) == own != person(first)


@pytest.mark.settings(WXLOGIN_JOIN_BY_PHONE="on")
def test_no_number_joins_them_again(owner: Operator, pair: tuple[Phone, Phone]) -> None:
    first, second = pair
    own = owner.done("POST", f"/users/{second.user_id}/unlink", json=REASON)["person"]
    give_number(first)
    give_number(second, OTHER)
    give_number(first)
    assert person(second) == own != person(first)


def test_a_user_may_be_joined_again(owner: Operator, pair: tuple[Phone, Phone]) -> None:
    first, second = pair
    shared = person(first)
    owner.done("POST", f"/users/{second.user_id}/unlink", json=REASON)
    shown = owner.done("DELETE", f"/users/{second.user_id}/unlink")
    assert shown["kept_apart"] is False
    assert person(second) != shared
    again(second, OTHER)
    assert person(first) == person(second) == shared


def test_both_acts_are_audited(owner: Operator, pair: tuple[Phone, Phone]) -> None:
    user = pair[0].user_id
    shared = person(pair[0])
    owner.done("POST", f"/users/{user}/unlink", json=REASON)
    owner.done("DELETE", f"/users/{user}/unlink")
    told = {entry["act"]: entry for entry in owner.trail(f"user:{user}")}
    assert set(told) == {"user.unlink", "user.allow_joining"}
    assert {entry["outcome"] for entry in told.values()} == {"done"}
    unlinked = told["user.unlink"]
    assert (unlinked["reason"], unlinked["detail"]) == (REASON["reason"], {"person": shared})


def test_it_wants_a_reason_an_operator_and_a_user(
    site: Site, owner: Operator, pair: tuple[Phone, Phone]
) -> None:
    path = f"/users/{pair[0].user_id}/unlink"
    assert owner.refusal("POST", path, json={}) == "INVALID_REQUEST"
    viewer = Operator(site, "viewer").sign_in()
    assert viewer.refusal("POST", path, json=REASON) == "FORBIDDEN"
    assert owner.refusal("POST", f"/users/{'A' * 22}/unlink", json=REASON) == "NOT_FOUND"
    assert owner.refusal("DELETE", f"/users/{'A' * 22}/unlink") == "NOT_FOUND"
