"""Who is invited sets a password with a link that is good once; what others know is replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.admin.forms import seen
from tests.harness.command_line import CommandLine
from tests.harness.console import PASSWORD, Operator
from tests.harness.crowd import together
from tests.harness.site import Site
from wxlogin.operators.invitations import LIFE

MORE = ["What you should know", "Passkeys", "Where I am signed in"]
"""The panels of the account's page that show what the API keeps from a session of few rights."""
ANOTHER = "Slow-heron-81-windmills"


def invited(owner: Operator, name: str = "otto", role: str = "operator") -> dict[str, Any]:
    """An invitation that an owner has just made."""
    made: dict[str, Any] = owner.done("POST", "/admins/invite", json={"name": name, "role": role})
    owner.site.tokens.add(made["invitation"])
    return made


def accept(site: Site, code: str, password: str = PASSWORD) -> requests.Response:
    """Send an invitation back with a password."""
    site.secrets.add(password)
    answer = site.request(
        "POST", "/admin/api/invitation", json={"invitation": code, "password": password}
    )
    if answer.ok:
        site.tokens |= {answer.cookies["wxlogin_admin"], answer.json()["csrf_token"]}
    return answer


def shows_of_the_account(admin: Operator) -> list[str]:
    """What of the account's page an admin sees beyond who they are."""
    page = seen(admin, "/admin/account")
    return [title for title in MORE if title in page]


def test_who_is_invited_sets_a_password_and_is_signed_in(site: Site, owner: Operator) -> None:
    made = invited(owner)
    assert made["url"] == f"{site.base}/admin/invitation#{made['invitation']}"
    assert made["admin"]["invited"] is True
    answer = accept(site, made["invitation"])
    assert answer.json()["admin"]["name"] == "otto"
    assert answer.cookies["wxlogin_admin"]
    body = {"username": "otto", "password": PASSWORD}
    assert site.request("POST", "/admin/api/login", json=body).ok
    (one,) = [item for item in owner.done("GET", "/admins")["items"] if item["name"] == "otto"]
    assert (one["invited"], one["role"]) == (False, "operator")


def test_nobody_signs_in_to_an_account_that_was_not_accepted(site: Site, owner: Operator) -> None:
    invited(owner)
    for password in ("", " ", PASSWORD):
        body = {"username": "otto", "password": password}
        assert not site.request("POST", "/admin/api/login", json=body).ok


def test_an_invitation_is_good_once(site: Site, owner: Operator) -> None:
    code = invited(owner)["invitation"]
    assert accept(site, code).ok
    assert site.problem(accept(site, code, ANOTHER)) == "CREDENTIALS_INVALID"


def test_of_many_who_accept_at_once_one_does(site: Site, owner: Operator) -> None:
    code = invited(owner)["invitation"]
    answers = together([lambda: accept(site, code)] * 6)
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401, 401]


def test_an_invitation_is_over_after_three_days(site: Site, owner: Operator) -> None:
    code = invited(owner)["invitation"]
    site.clock.forward(LIFE.total_seconds())
    assert site.problem(accept(site, code)) == "CREDENTIALS_INVALID"


def test_a_weak_password_does_not_use_an_invitation_up(site: Site, owner: Operator) -> None:
    code = invited(owner)["invitation"]
    answer = accept(site, code, "otto-otto-otto")
    assert [fault["field"] for fault in answer.json()["errors"]] == ["password"]
    assert accept(site, code).ok


def test_an_invitation_that_is_made_again_ends_the_one_before(site: Site, owner: Operator) -> None:
    first = invited(owner)
    second = owner.done("POST", f"/admins/{first['admin']['id']}/invite")
    site.tokens.add(second["invitation"])
    assert site.problem(accept(site, first["invitation"])) == "CREDENTIALS_INVALID"
    assert accept(site, second["invitation"]).ok
    again = owner.ask("POST", f"/admins/{first['admin']['id']}/invite")
    assert [fault["field"] for fault in again.json()["errors"]] == ["id"]


def test_a_disabled_account_accepts_nothing(site: Site, owner: Operator) -> None:
    made = invited(owner)
    owner.done("PATCH", f"/admins/{made['admin']['id']}", json={"disabled": True})
    assert site.problem(accept(site, made["invitation"])) == "CREDENTIALS_INVALID"


@pytest.mark.parametrize("code", ["", "wxi_", "wxi_" + "A" * 43, "'; --", "wxi_" + "é" * 43])
def test_other_codes_are_refused_alike(site: Site, owner: Operator, code: str) -> None:
    invited(owner)
    answer = accept(site, code)
    assert answer.status_code in (400, 401)
    assert not answer.cookies


def test_an_owner_who_was_invited_is_no_owner_yet(site: Site, owner: Operator) -> None:
    code = invited(owner, "olga", "owner")["invitation"]
    change = {"role": "viewer"}
    assert owner.refusal("PATCH", f"/admins/{owner.id}", json=change) == "FORBIDDEN"
    assert accept(site, code).ok
    owner.done("PATCH", f"/admins/{owner.id}", json=change)


def test_guesses_of_invitations_are_limited(make_site: Callable[..., Site]) -> None:
    site = make_site(WXLOGIN_LIMIT_ADMIN_IP="3/minute")
    codes = [site.problem(accept(site, "wxi_" + "A" * 43)) for _ in range(4)]
    assert codes == ["CREDENTIALS_INVALID"] * 3 + ["RATE_LIMITED"]


def test_where_a_second_factor_is_required_it_is_enrolled_first(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(WXLOGIN_ADMIN_REQUIRE_TOTP="on")
    owner = Operator(site).sign_in()
    owner.enrol()
    answer = accept(site, invited(owner)["invitation"])
    assert answer.json()["must_enrol"] is True
    cookie = {"Cookie": f"wxlogin_admin={answer.cookies['wxlogin_admin']}"}
    assert site.request("GET", "/admin/api/overview", headers=cookie).status_code == 403
    otto = Operator.__new__(Operator)
    otto.site, otto.cookie = site, answer.cookies["wxlogin_admin"]
    assert shows_of_the_account(otto) == []


def test_the_trail_says_who_invited_whom_and_who_accepted(site: Site, owner: Operator) -> None:
    accept(site, invited(owner)["invitation"])
    acts = [(one["act"], one["actor"], one["outcome"]) for one in owner.trail("admin:otto")]
    assert acts == [
        ("admin.invite", f"admin:{owner.name}", "done"),
        ("admin.accept_invitation", "admin:otto", "done"),
    ]


def test_accepting_is_among_the_sign_ins_and_its_address_is_known_from_then_on(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(WXLOGIN_TRUSTED_HOPS="1")
    accept(site, invited(Operator(site).sign_in())["invitation"])
    otto = Operator.__new__(Operator)
    otto.site, otto.name, otto.password = site, "otto", PASSWORD
    site.clock.forward(60)
    otto.sign_in()
    past = otto.done("GET", "/me/sign-ins")["items"]
    assert [one["new_address"] for one in past] == [False, False]
    assert past[0]["address"] == past[1]["address"]
    kinds = [one["kind"] for one in otto.done("GET", "/me/notices")["items"]]
    assert "new_address" not in kinds


def test_a_command_invites_and_makes_an_invitation_again(site: Site, owner: Operator) -> None:
    line = CommandLine(site, "admin")
    first = line.done("invite", "otto", "--role", "viewer").splitlines()[-1]
    second = line.done("invite", "otto").splitlines()[-1]
    codes = [link.partition("/admin/invitation#")[2] for link in (first, second)]
    site.tokens |= set(codes)
    assert "invited" in line.done("list")
    assert not accept(site, codes[0]).ok
    assert accept(site, codes[1]).json()["admin"]["role"] == "viewer"


def test_a_password_that_must_be_changed_allows_nothing_else(site: Site, owner: Operator) -> None:
    body = {"name": "otto", "role": "operator", "must_change_password": True}
    password = owner.done("POST", "/admins", json=body)["password"]
    otto = Operator.__new__(Operator)
    otto.site, otto.name, otto.password = site, "otto", password
    site.tokens.add(password)
    answer = otto.try_sign_in()
    assert answer.json()["must_change_password"] is True
    refused = otto.ask("GET", "/overview")
    assert (refused.status_code, refused.json()["change_password"]) == (403, True)
    assert shows_of_the_account(otto) == []
    same = {"password": password, "new_password": password}
    assert otto.refusal("POST", "/me/password", json=same) == "INVALID_REQUEST"
    otto.done("POST", "/me/password", json={"password": password, "new_password": ANOTHER})
    site.secrets.add(ANOTHER)
    assert otto.done("GET", "/me")["must_change_password"] is False
    otto.done("GET", "/overview")
    assert shows_of_the_account(otto) == MORE


def test_a_reset_password_may_have_to_be_changed(site: Site, owner: Operator) -> None:
    vera = Operator(site, "viewer", "vera")
    body = {"must_change_password": True}
    made = owner.done("POST", f"/admins/{vera.id}/reset-password", json=body)
    vera.password = made["password"]
    site.tokens.add(vera.password)
    assert vera.try_sign_in().json()["must_change_password"] is True
    assert vera.refusal("GET", "/overview") == "FORBIDDEN"


def test_the_command_line_asks_for_another_password_too(site: Site) -> None:
    line = CommandLine(site, "admin")
    site.secrets.add(PASSWORD)
    options = "--role", "viewer", "--must-change", "--password-stdin"
    line.done("create", "otto", *options, typed=PASSWORD)
    body = {"username": "otto", "password": PASSWORD}
    answer = site.request("POST", "/admin/api/login", json=body)
    assert answer.json()["must_change_password"] is True
