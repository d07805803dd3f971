"""The console's pages stand behind the gate of the admin: cell by cell over HTTP."""

from __future__ import annotations

import pytest
import requests

from tests.admin.calls import Call, admin_calls
from tests.harness.console import Operator, Service
from tests.harness.site import Site
from wxlogin.operators.permissions import PERMISSIONS, PUBLIC, ROLES, Role


def pages(site: Site, method: str) -> list[Call]:
    """The calls of the console that need a permission, signing out last."""
    every = [call for call in admin_calls(site, "/admin") if call.path.startswith("/admin/")]
    asked = [call for call in every if call.method == method and call.permission != PUBLIC]
    return sorted(asked, key=lambda call: call.path == "/admin/sign-out")


def send(site: Site, call: Call, cookie: str) -> requests.Response:
    """Ask for a page, as a browser does that does not follow."""
    cookies = {"wxlogin_admin": cookie}
    return site.request(call.method, call.path, cookies=cookies, allow_redirects=False)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_the_pages_that_the_table_says(site: Site, role: Role) -> None:
    cookie, wrong = Operator(site, role).sign_in().cookie, []
    for call in pages(site, "GET"):
        answer = send(site, call, cookie)
        refused = answer.headers.get("X-Wxlogin-Error") == "FORBIDDEN"
        if refused == (role in PERMISSIONS[call.permission or ""].roles):
            wrong.append((call, answer.status_code))
    assert wrong == []


def test_no_form_does_anything_without_its_token(site: Site, owner: Operator) -> None:
    forms = pages(site, "POST")
    assert len(forms) > 20
    codes = {send(site, form, owner.cookie).headers["X-Wxlogin-Error"] for form in forms}
    assert codes == {"CSRF_FAILED"}


def test_nobody_is_led_to_the_sign_in(site: Site) -> None:
    for call in pages(site, "GET"):
        answer = send(site, call, "")
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/admin/sign-in?back=%2Fadmin")
        assert "WWW-Authenticate" not in answer.headers


def test_pages_are_for_people_and_not_for_tokens(site: Site) -> None:
    answer = Service(site, "read").ask("GET", "/admin/audit")
    assert answer.headers["X-Wxlogin-Error"] == "FORBIDDEN"
    assert answer.status_code == 403
