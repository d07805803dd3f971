"""A cursor is good for the list and the filters that gave it."""

from __future__ import annotations

import base64
import json

import pytest

from tests.harness.console import Operator
from tests.harness.site import Site

LISTS = ("users", "sessions", "events", "audit", "apps", "keys", "admins", "tokens")
POSITIONS = ([2**62], [2**31], [-1], ["a"], [1, 1], [], None, 1e999)


@pytest.fixture
def given(site: Site, owner: Operator) -> str:
    """A cursor of the list of admins."""
    Operator(site, "viewer")
    Operator(site, "viewer")
    return str(owner.done("GET", "/admins?limit=1")["next"])


def test_the_list_takes_its_own_cursor_with_another_limit(owner: Operator, given: str) -> None:
    assert owner.done("GET", f"/admins?limit=2&cursor={given}")["items"]


def test_another_list_refuses_it(owner: Operator, given: str, subtests: pytest.Subtests) -> None:
    for name in [name for name in LISTS if name != "admins"]:
        with subtests.test(name=name):
            assert owner.refusal("GET", f"/{name}?cursor={given}") == "INVALID_REQUEST"


def test_the_same_list_with_other_filters_refuses_it(owner: Operator) -> None:
    for _ in range(2):
        owner.done("POST", "/users/search", json={"id": "nobody"})
    cursor = owner.done("GET", "/audit?limit=1&target=by:id")["next"]
    assert owner.done("GET", f"/audit?limit=1&target=by:id&cursor={cursor}")["items"]
    assert owner.refusal("GET", f"/audit?limit=1&cursor={cursor}") == "INVALID_REQUEST"


@pytest.mark.parametrize("name", LISTS)
def test_one_that_was_made_up_is_refused_by_every_list(owner: Operator, name: str) -> None:
    for position in POSITIONS:
        for before in (b"", b"\0" * 12):
            raw = before + json.dumps(position).encode()
            cursor = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
            assert owner.refusal("GET", f"/{name}?cursor={cursor}") == "INVALID_REQUEST", raw
