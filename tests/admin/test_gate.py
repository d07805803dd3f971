"""The gate of the admin: cookie, CSRF token, where a call comes from, API tokens."""

from __future__ import annotations

import pytest

from tests.admin.calls import admin_calls
from tests.harness.clock import SettableClock
from tests.harness.console import Operator, Service
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.operators.permissions import PUBLIC
from wxlogin.sessions.tokens import ADMIN, Tokens, new_public_id

PREFIX = "/admin/api"


def code(site: Site, method: str = "GET", path: str = "/me", **headers: str) -> str:
    """The code with which a call is refused, or an empty text."""
    answer = site.request(method, f"{PREFIX}{path}", headers=headers)
    return "" if answer.ok else site.problem(answer)


def test_nobody_gets_in_without_a_session(site: Site) -> None:
    calls = [call for call in admin_calls(site) if call.permission != PUBLIC]
    codes = {code(site, call.method, call.path) for call in calls}
    assert codes == {"TOKEN_MISSING"}


@pytest.mark.parametrize("header", ["Cookie", "Authorization"])
def test_a_token_of_a_phone_opens_nothing(site: Site, phone: Phone, header: str) -> None:
    phone.login()
    value = {"Cookie": f"wxlogin_admin={phone.token}", "Authorization": f"Bearer {phone.token}"}
    assert code(site, **{header: value[header]}) == "TOKEN_INVALID"


def test_the_cookie_of_an_admin_opens_no_call_of_a_phone(site: Site, owner: Operator) -> None:
    answer = site.request("GET", "/v1/session", headers={"Authorization": f"Bearer {owner.cookie}"})
    assert site.problem(answer) == "TOKEN_INVALID"


def test_a_cookie_of_another_key_is_refused(site: Site) -> None:
    forged, _ = Tokens(["n4Kq8Wc2Rz6Jv0Xf5Ty9Bm3Hd7Lp1Gs-"], ADMIN).mint(new_public_id())
    assert code(site, Cookie=f"wxlogin_admin={forged}") == "TOKEN_INVALID"


def test_the_cookie_serves_as_no_bearer_token(site: Site, owner: Operator) -> None:
    assert code(site, Authorization=f"Bearer {owner.cookie}") == "TOKEN_INVALID"


# CSRF


@pytest.mark.parametrize("given", ["", "wrong", "é"])
def test_an_act_needs_the_csrf_token_of_its_session(owner: Operator, given: str) -> None:
    headers = {"X-CSRF-Token": given.encode()} if given else {"X-CSRF-Token": None}
    assert owner.refusal("POST", "/logout", headers=headers) == "CSRF_FAILED"
    assert owner.done("GET", "/me", headers=headers)


def test_every_act_needs_it(site: Site, owner: Operator) -> None:
    calls = [call for call in admin_calls(site) if call.permission != PUBLIC]
    acts = [call for call in calls if call.method != "GET"]
    cookie = f"wxlogin_admin={owner.cookie}"
    codes = {code(site, call.method, call.path, Cookie=cookie) for call in acts}
    assert codes == {"CSRF_FAILED"}
    assert len(acts) > 25


def test_the_csrf_token_of_another_session_does_not_serve(site: Site, owner: Operator) -> None:
    before = owner.csrf_token
    owner.sign_in()
    assert owner.refusal("POST", "/logout", headers={"X-CSRF-Token": before}) == "CSRF_FAILED"


def test_me_gives_the_csrf_token_again(owner: Operator) -> None:
    assert owner.done("GET", "/me")["csrf_token"] == owner.csrf_token


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_an_act_of_another_site_s_page_is_refused(owner: Operator, headers: dict[str, str]) -> None:
    assert owner.refusal("POST", "/logout", headers=headers) == "CSRF_FAILED"
    answer = owner.site.request("POST", f"{PREFIX}/login", headers=headers, json={})
    assert owner.site.problem(answer) == "CSRF_FAILED"


def test_an_act_of_our_own_page_passes(owner: Operator) -> None:
    headers = {"Origin": owner.site.base, "Sec-Fetch-Site": "same-origin"}
    assert owner.done("POST", "/logout", headers=headers) == {"ended": 1}


# The life of a session


@pytest.mark.settings(WXLOGIN_ADMIN_IDLE_TTL="600", WXLOGIN_ADMIN_MAX_AGE="3600")
def test_a_session_ends_when_idle_and_at_its_greatest_age(
    owner: Operator, clock: SettableClock
) -> None:
    for _ in range(6):
        clock.forward(599)
        owner.done("GET", "/me")
    clock.forward(6)
    assert owner.refusal("GET", "/me") == "SESSION_EXPIRED"
    owner.sign_in()
    clock.forward(600)
    assert owner.refusal("GET", "/me") == "SESSION_EXPIRED"


def test_an_admin_holds_ten_sessions_the_oldest_ends(owner: Operator, clock: SettableClock) -> None:
    first = owner.cookie
    for _ in range(10):
        clock.forward(60)
        owner.sign_in()
    assert len(owner.done("GET", "/me/sessions")["items"]) == 10
    owner.cookie = first
    assert owner.refusal("GET", "/me") == "SESSION_EXPIRED"


# API tokens


def test_a_token_needs_no_csrf_token(site: Site) -> None:
    service = Service(site, "operate")
    assert service.ask("GET", f"{PREFIX}/audit").ok


def test_a_bearer_token_counts_and_the_cookie_beside_it_does_not(
    site: Site, owner: Operator
) -> None:
    service = Service(site, "read")
    headers = {"Authorization": f"Bearer {service.token}"}
    assert owner.done("GET", "/apps", headers=headers)
    assert owner.refusal("GET", "/tokens", headers=headers) == "FORBIDDEN"
    headers = {"Authorization": f"Bearer {service.token[:-1]}"}
    assert owner.refusal("GET", "/apps", headers=headers) == "TOKEN_INVALID"


@pytest.mark.parametrize("cut", [1, 8, 20])
def test_a_token_that_is_not_whole_is_refused(site: Site, cut: int) -> None:
    service = Service(site, "read")
    service.token = service.token[:-cut]
    answer = service.ask("GET", f"{PREFIX}/audit")
    assert site.problem(answer) == "TOKEN_INVALID"


@pytest.mark.settings(WXLOGIN_LIMIT_API_TOKEN="3/minute")
def test_calls_are_limited_by_token(site: Site) -> None:
    service, other = Service(site, "read"), Service(site, "read")
    assert [service.ask("GET", f"{PREFIX}/audit").status_code for _ in range(4)] == [
        200,
        200,
        200,
        429,
    ]
    assert other.ask("GET", f"{PREFIX}/audit").ok


def test_answers_of_the_admin_are_kept_by_nobody(owner: Operator) -> None:
    assert owner.ask("GET", "/me").headers["Cache-Control"] == "no-store"


def test_two_cookies_of_the_console_are_refused(site: Site, owner: Operator) -> None:
    both = f"wxlogin_admin=planted; wxlogin_admin={owner.cookie}"
    answer = site.request("GET", "/admin/api/me", headers={"Cookie": both})
    assert site.problem(answer) == "TOKEN_INVALID"
