"""Lists stay quick however many users there are: every one walks an index."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.admin.people import number, signed_in, told, two_apps
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.sql import Statement, plan, recorded

TABLES = ("user", "login_record", "security_event")


@pytest.fixture
def statements(site: Site) -> Iterator[list[Statement]]:
    """The SQL that the server runs, with its parameters."""
    with recorded(site) as run:
        yield run


def walked(site: Site, statements: list[Statement]) -> list[str]:
    """Those steps of SQLite's plans that read a whole table, or sort what they have read."""
    asked = [one for one in statements if one[0].startswith(("SELECT", "UPDATE", "DELETE"))]
    whole = tuple(f"SCAN {table}" for table in TABLES)
    return [step for step in plan(site, asked) if step in whole or "TEMP B-TREE" in step]


@pytest.fixture
def known(site: Site) -> Phone:
    """A user of whom everything is known."""
    two_apps(site)
    return told(signed_in(site))


ASKED: dict[str, Callable[[Phone], tuple[str, str, dict[str, str] | None]]] = {
    "a later page": lambda _: ("GET", "/users?cursor=NEXT", None),
    "a user": lambda phone: ("GET", f"/users/{phone.user_id}", None),
    "an id": lambda phone: ("POST", "/users/search", {"id": phone.user_id}),
    "an openid": lambda phone: ("POST", "/users/search", {"openid": openid(phone)}),
    "a phone number": lambda phone: ("POST", "/users/search", {"phone": number(phone)}),
    "logins": lambda phone: ("GET", f"/users/{phone.user_id}/logins", None),
    "a later page of logins": lambda phone: (
        "GET",
        f"/users/{phone.user_id}/logins?cursor=NEXT",
        None,
    ),
    "a ban": lambda phone: ("POST", f"/users/{phone.user_id}/ban", {"reason": "spam"}),
    "an erasure": lambda phone: ("DELETE", f"/users/{phone.user_id}", None),
}

SORTED = {"a phone number": ["USE TEMP B-TREE FOR ORDER BY"]}
"""The few users of one number are sorted."""


def openid(phone: Phone) -> str:
    """The user's openid."""
    return str(phone.site.sandbox.world.openid(phone.user))


def following(owner: Operator, path: str) -> str:
    """The cursor of a list's second page, once there is more than one row."""
    site = owner.site
    for user in ("alice", "alice", "bob"):
        Phone(site, user).login()
    return str(owner.done("GET", f"{path}?limit=1")["next"])


@pytest.mark.parametrize("asked", ASKED)
def test_an_index_is_walked(
    site: Site, owner: Operator, known: Phone, statements: list[Statement], asked: str
) -> None:
    method, path, body = ASKED[asked](known)
    path = path.replace("NEXT", following(owner, path.partition("?")[0]) if "NEXT" in path else "")
    statements.clear()
    owner.done(method, path, json=body)
    assert statements
    assert walked(site, statements) == SORTED.get(asked, [])


def test_the_first_page_stops_where_it_ends(
    site: Site, owner: Operator, known: Phone, statements: list[Statement]
) -> None:
    """It reads the table by its primary key, from the end, and a page of it alone."""
    statements.clear()
    owner.done("GET", "/users?limit=1")
    assert walked(site, statements) == ["SCAN user"]
    assert any("ORDER BY user.id DESC" in s and "LIMIT" in s for s, _ in statements)
