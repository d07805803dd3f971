"""The table of permissions, cell by cell over HTTP: who may make which call."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from tests.admin.calls import Call, admin_calls
from tests.admin.people import signed_in, told
from tests.harness.clock import SettableClock
from tests.harness.command_line import CommandLine
from tests.harness.console import Operator, Service
from tests.harness.site import Site
from wxlogin.operators.permissions import PERMISSIONS, PUBLIC, ROLES, SCOPES, Role, Scope

Ask = Callable[[Call], requests.Response]


def is_refused(answer: requests.Response) -> bool:
    """Whether the gate said no; a call that it lets in may fail for what was sent."""
    return answer.headers.get("X-Wxlogin-Error") == "FORBIDDEN"


def calls(site: Site) -> list[Call]:
    """The calls that need a permission."""
    return [call for call in admin_calls(site) if call.permission != PUBLIC]


def wrong_cells(site: Site, ask: Ask, allowed: Callable[[str], bool]) -> list[tuple[Call, int]]:
    """The calls that were refused though they are allowed, or the other way round."""
    wrong = []
    for call in calls(site):
        answer = ask(call)
        assert answer.status_code not in (401, 405, 429, 500), (call, answer.text)
        if is_refused(answer) == allowed(call.permission or ""):
            wrong.append((call, answer.status_code))
    return wrong


def asking(operator: Operator) -> Ask:
    """Ask as an admin, with an empty body where there is one."""
    return lambda call: operator.ask(call.method, call.path, json=body_of(call))


def body_of(call: Call) -> dict[str, str] | None:
    """What is sent along: nothing that would change anything."""
    return None if call.method in ("GET", "DELETE") else {}


def test_every_call_of_the_admin_names_a_permission(site: Site) -> None:
    named = {call.permission for call in admin_calls(site, "/admin")}
    assert named <= {*PERMISSIONS, PUBLIC}


def test_only_the_sign_in_is_open_to_everybody(site: Site) -> None:
    assert [c.path for c in admin_calls(site) if c.permission == PUBLIC] == [
        "/invitation",
        "/login",
        "/login/challenge",
    ]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_the_table_says(site: Site, role: Role) -> None:
    operator = Operator(site, role).sign_in()
    assert wrong_cells(site, asking(operator), lambda name: role in PERMISSIONS[name].roles) == []


@pytest.mark.parametrize("scope", SCOPES)
def test_each_scope_opens_what_the_table_says(site: Site, scope: Scope) -> None:
    service = Service(site, scope)

    def ask(call: Call) -> requests.Response:
        return service.ask(call.method, f"/admin/api{call.path}", json=body_of(call))

    assert wrong_cells(site, ask, lambda name: scope in PERMISSIONS[name].scopes) == []


def test_what_is_grave_asks_for_the_password_again(
    site: Site, owner: Operator, clock: SettableClock
) -> None:
    clock.forward(301)
    grave = {name for name, row in PERMISSIONS.items() if row.reauth}
    # Replacing a second factor is grave too, enrolling the first one where it must be is not.
    assert wrong_cells(site, asking(owner), lambda name: name not in grave | {"me.totp"}) == [
        (call, 400) for call in calls(site) if call.path == "/me/totp/confirm"
    ]
    answer = owner.sign_in().ask("GET", "/admins")
    assert answer.ok


@pytest.mark.settings(WXLOGIN_ADMIN_REQUIRE_TOTP="on")
def test_without_the_second_factor_that_is_required_one_may_enrol_alone(site: Site) -> None:
    operator = Operator(site, "owner")
    assert operator.try_sign_in().json()["must_enrol"] is True
    enrolling = {name for name, row in PERMISSIONS.items() if row.enrolling}
    assert wrong_cells(site, asking(operator), lambda name: name in enrolling) == []
    assert enrolling == {"me.read", "me.logout", "me.totp"}


def test_auditors_read_every_list_and_change_nothing_but_their_own_account(site: Site) -> None:
    auditor = Operator(site, "auditor").sign_in()
    allowed = {c for c in calls(site) if not is_refused(asking(auditor)(c))}
    lists = {c.path for c in allowed if c.method == "GET"}
    assert {"/audit", "/users", "/sessions", "/events", "/apps", "/keys", "/admins"} <= lists
    assert {"/tokens", "/webhooks", "/overview"} <= lists
    changing = {c.path for c in allowed if c.method != "GET" and not c.path.startswith("/me")}
    assert changing == {"/users/search", "/find", "/logout"}


def test_auditors_see_personal_data_masked_as_viewers_do(site: Site) -> None:
    told(signed_in(site))
    auditor, viewer = (Operator(site, role).sign_in() for role in ("auditor", "viewer"))
    assert auditor.done("GET", "/users") == viewer.done("GET", "/users")


def test_an_auditor_is_made_on_the_command_line_and_by_an_owner(
    site: Site, owner: Operator
) -> None:
    CommandLine(site, "admin").done("create", "ada", "--role", "auditor")
    made = owner.done("POST", "/admins", json={"name": "audrey", "role": "auditor"})
    site.tokens.add(made["password"])
    roles = {one["name"]: one["role"] for one in owner.done("GET", "/admins")["items"]}
    assert (roles["ada"], roles["audrey"]) == ("auditor", "auditor")


def test_no_call_with_a_token_asks_for_a_password() -> None:
    assert [name for name, row in PERMISSIONS.items() if row.reauth and row.scopes] == []


def test_owners_may_do_everything() -> None:
    assert [name for name, row in PERMISSIONS.items() if "owner" not in row.roles] == []


def test_auditors_see_whatever_viewers_see() -> None:
    viewers = {name for name, row in PERMISSIONS.items() if "viewer" in row.roles}
    assert viewers <= {name for name, row in PERMISSIONS.items() if "auditor" in row.roles}


def test_operators_may_do_whatever_viewers_may() -> None:
    viewers = {name for name, row in PERMISSIONS.items() if "viewer" in row.roles}
    assert viewers <= {name for name, row in PERMISSIONS.items() if "operator" in row.roles}
