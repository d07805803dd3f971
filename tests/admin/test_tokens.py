"""API tokens: made, shown once, used, revoked."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.harness.clock import SettableClock
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.clock import iso
from wxlogin.wechat import Credentials

AUDIT = "/admin/api/audit"
APPID = "wx0123456789abcdef"


@pytest.fixture
def token(site: Site, owner: Operator) -> str:
    """A token with the scope read."""
    made = owner.done("POST", "/tokens", json={"name": "账单", "scopes": ["read"]})["token"]
    site.tokens.add(made)
    return str(made)


def status(site: Site, token: str) -> int:
    """How a call with the token is answered."""
    headers = {"Authorization": f"Bearer {token}"}
    return site.request("GET", AUDIT, headers=headers).status_code


def test_a_token_is_listed_without_itself(owner: Operator, token: str) -> None:
    (item,) = owner.done("GET", "/tokens")["items"]
    assert (item["name"], item["scopes"], item["made_by"]) == ("账单", ["read"], owner.name)
    assert (item["last_used_at"], item["revoked_at"]) == (None, None)
    assert token not in owner.ask("GET", "/tokens").text


def test_the_last_use_is_noted_once_a_minute(
    site: Site, owner: Operator, token: str, clock: SettableClock
) -> None:
    tokens = site.app.extensions["wxlogin"].operators.tokens
    seen = []
    for seconds in (0, 59, 1):
        clock.forward(seconds)
        assert status(site, token) == 200
        tokens.flush()
        seen.append(owner.done("GET", "/tokens")["items"][0]["last_used_at"])
    assert seen[0] == seen[1] < seen[2]


def test_a_revoked_token_ends_at_once_in_every_worker(
    site: Site, make_site: Callable[..., Site], token: str, owner: Operator
) -> None:
    other = make_site()
    assert status(site, token) == status(other, token) == 200
    (item,) = owner.done("GET", "/tokens")["items"]
    assert owner.done("DELETE", f"/tokens/{item['id']}")["revoked_at"]
    assert status(site, token) == status(other, token) == 401


def test_a_token_that_is_not_there_cannot_be_revoked(owner: Operator) -> None:
    assert owner.refusal("DELETE", "/tokens/nobody") == "NOT_FOUND"


@pytest.mark.parametrize("scopes", [[], ["king"], ["read"] * 20])
def test_scopes_are_those_of_the_table(owner: Operator, scopes: list[str]) -> None:
    body = {"name": "a", "scopes": scopes}
    assert owner.refusal("POST", "/tokens", json=body) == "INVALID_REQUEST"


def test_the_trail_tells_of_tokens_without_telling_them(owner: Operator, token: str) -> None:
    done = owner.done("GET", "/audit")["items"][0]
    assert (done["act"], done["detail"]["scopes"]) == ("token.create", ["read"])
    assert done["detail"]["token"] == owner.done("GET", "/tokens")["items"][0]["id"]


def bound(site: Site, owner: Operator, **body: object) -> str:
    """A token for introspection that is bound by the body's fields."""
    given = {"name": "orders", "scopes": ["introspect", "identity"], **body}
    made = owner.done("POST", "/tokens", json=given)["token"]
    site.tokens.add(made)
    return str(made)


def use(site: Site, token: str, path: str = "/v1/introspect", **options: Any) -> requests.Response:
    """A call with the token; a form of a token that is none, unless options say otherwise."""
    options = options or {"data": {"token": "x"}}
    return site.request("POST", path, headers={"Authorization": f"Bearer {token}"}, **options)


def code(answer: requests.Response) -> str:
    """The refusal's code, or nothing."""
    return "" if answer.ok else str(answer.json()["code"])


def test_a_token_ends_after_90_days_unless_its_maker_says_otherwise(
    site: Site, owner: Operator, clock: SettableClock
) -> None:
    usual, for_ever = bound(site, owner), bound(site, owner, expires_at=None)
    ends = iso(int(clock() + 3600) * 1000)
    short = bound(site, owner, expires_at=ends)
    listed = [item["expires_at"] for item in owner.done("GET", "/tokens")["items"]]
    assert listed[:2] == [ends, None]
    assert [code(use(site, one)) for one in (usual, for_ever, short)] == ["", "", ""]
    clock.forward(3600)
    assert [code(use(site, one)) for one in (usual, for_ever, short)] == ["", "", "TOKEN_INVALID"]
    clock.forward(90 * 86_400)
    assert [code(use(site, one)) for one in (usual, for_ever)] == ["TOKEN_INVALID", ""]


WRONG_BOUNDS = [
    {"expires_at": "2001-01-01T00:00:00Z"},
    {"expires_at": 90},
    {"networks": ["10.0.0.1/8"]},
    {"networks": ["everywhere"]},
    {"apps": ["wxffffffffffffffff"]},
    {"apps": [], "scopes": []},
]


def test_bounds_that_cannot_be_are_refused(owner: Operator, subtests: pytest.Subtests) -> None:
    for wrong in WRONG_BOUNDS:
        with subtests.test(wrong=wrong):
            body = {"name": "a", "scopes": ["introspect"], **wrong}
            assert owner.refusal("POST", "/tokens", json=body) == "INVALID_REQUEST"


def test_a_token_for_the_console_is_bound_to_no_mini_program(site: Site, owner: Operator) -> None:
    body = {"name": "a", "scopes": ["read"], "apps": [APPID]}
    assert owner.refusal("POST", "/tokens", json=body) == "INVALID_REQUEST"


def test_a_token_that_is_bound_to_networks_is_refused_from_elsewhere(
    site: Site, owner: Operator
) -> None:
    here = bound(site, owner, networks=["2001:db8::/32", "127.0.0.0/8"])
    elsewhere = bound(site, owner, networks=["10.0.0.0/8"])
    assert [code(use(site, one)) for one in (here, elsewhere)] == ["", "FORBIDDEN"]
    console = bound(site, owner, scopes=["read"], networks=["10.0.0.0/8"])
    answer = site.request("GET", AUDIT, headers={"Authorization": f"Bearer {console}"})
    assert code(answer) == "FORBIDDEN"


def test_a_token_that_is_bound_to_mini_programs_reaches_no_other(
    site: Site, owner: Operator, phone: Phone
) -> None:
    phone.login()
    other = f"wx{secrets.token_hex(8)}"
    with site.app.app_context():
        site.app.extensions["wxlogin"].accounts.apps.create(
            Credentials(other, secrets.token_hex(16)), "another"
        )
    for apps, active, refused in (([APPID], True, ""), ([other], False, "FORBIDDEN")):
        token = bound(site, owner, scopes=["introspect", "identity", "wechat"], apps=apps)
        assert use(site, token, data={"token": phone.token}).json()["active"] is active
        user = {"user": phone.user_id}
        assert code(use(site, token, "/v1/service/identity", json=user)) == refused
        site.answers.clear()  # an openid stands in this one alone
        signed = {"user": phone.user_id, "data": "x"}
        assert code(use(site, token, "/v1/service/sign", json=signed)) == refused
        appid = {"appid": APPID}
        answer = use(site, token, "/v1/service/access-token", json=appid)
        assert code(answer) == refused
        site.secrets |= {answer.json()["access_token"]} if answer.ok else set()


def test_a_token_ends_with_its_makers_account_unless_it_was_handed_over(
    site: Site, make_site: Callable[..., Site], owner: Operator
) -> None:
    other = make_site()
    maker = Operator(site, "owner").sign_in()
    lost, kept = bound(site, maker), bound(site, maker)
    newest = owner.done("GET", "/tokens")["items"][0]
    handed = owner.done("PATCH", f"/tokens/{newest['id']}", json={"keeper": owner.name})
    assert (handed["made_by"], handed["keeper"]) == (maker.name, owner.name)
    assert owner.refusal("PATCH", f"/tokens/{newest['id']}", json={"keeper": "no-one"}) == (
        "NOT_FOUND"
    )
    assert [code(use(other, one)) for one in (lost, kept)] == ["", ""]
    (account,) = [a for a in owner.done("GET", "/admins")["items"] if a["name"] == maker.name]
    owner.done("PATCH", f"/admins/{account['id']}", json={"disabled": True})
    for server in (site, other):
        assert [code(use(server, one)) for one in (lost, kept)] == ["TOKEN_INVALID", ""]


@pytest.mark.parametrize("sign", ["\u202e", "\u200b", "\ufeff", "\u2066", "\x85"])
def test_a_name_with_an_invisible_character_is_refused(owner: Operator, sign: str) -> None:
    body = {"name": f"orders{sign}", "scopes": ["introspect"]}
    assert owner.refusal("POST", "/tokens", json=body) == "INVALID_REQUEST"


def test_a_token_tells_of_its_end_two_weeks_before(
    site: Site, owner: Operator, clock: SettableClock
) -> None:
    made = owner.done("POST", "/tokens", json={"name": "orders", "scopes": ["read"]})
    site.tokens.add(made["token"])
    day, headers = 86_400, {"Authorization": f"Bearer {made['token']}"}
    answers = []
    for days in (75.9, 0.2):
        clock.forward(days * day)
        answers.append(site.request("GET", "/admin/api/users", headers=headers))
        assert answers[-1].ok
    ends = made["item"]["expires_at"]
    hints = [answer.headers.get("X-Wxlogin-Deprecated") for answer in answers]
    assert hints == [None, f"this API token ends at {ends}; make another"]
    owner.sign_in()
    assert owner.done("GET", "/tokens")["items"][0]["ends_soon"]
