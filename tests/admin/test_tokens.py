"""API tokens: made, shown once, used, revoked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.harness.clock import SettableClock
from tests.harness.console import Operator
from tests.harness.site import Site

AUDIT = "/admin/api/audit"


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


@pytest.mark.parametrize("scopes", [[], ["king"], ["read"] * 6])
def test_scopes_are_those_of_the_table(owner: Operator, scopes: list[str]) -> None:
    body = {"name": "a", "scopes": scopes}
    assert owner.refusal("POST", "/tokens", json=body) == "INVALID_REQUEST"


def test_the_trail_tells_of_tokens_without_telling_them(owner: Operator, token: str) -> None:
    done, intent = owner.done("GET", "/audit")["items"][:2]
    assert (done["act"], intent["detail"]) == ("token.create", {"scopes": ["read"]})
    assert done["detail"]["token"] == owner.done("GET", "/tokens")["items"][0]["id"]
