"""Lists stay quick however many users there are: every one walks an index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event

from tests.admin.people import number, signed_in, told, two_apps
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.extensions import db

Statement = tuple[str, Any]
TABLES = ("user", "login_record", "security_event")


@pytest.fixture
def statements(site: Site) -> Iterator[list[Statement]]:
    """The SQL that the server runs, with its parameters."""
    run: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        run.append((statement, parameters))

    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield run
    event.remove(engine, "before_cursor_execute", note)


def walked(site: Site, statements: list[Statement]) -> list[str]:
    """Those steps of SQLite's plans that read a whole table, or sort what they have read."""
    steps = []
    with site.app.app_context(), db.engine.connect() as connection:
        for statement, parameters in list(statements):
            if statement.startswith(("SELECT", "UPDATE", "DELETE")):
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                steps += [str(row.detail) for row in plan]
    whole = tuple(f"SCAN {table}" for table in TABLES)
    return [step for step in steps if step in whole or "TEMP B-TREE" in step]


@pytest.fixture
def known(site: Site) -> Phone:
    """A user of whom everything is known."""
    two_apps(site)
    return told(signed_in(site))


ASKED: dict[str, Callable[[Phone], tuple[str, str, dict[str, str] | None]]] = {
    "a later page": lambda _: ("GET", "/users?cursor=WzEwMDAwMF0", None),  # [100000]
    "a user": lambda phone: ("GET", f"/users/{phone.user_id}", None),
    "an id": lambda phone: ("POST", "/users/search", {"id": phone.user_id}),
    "an openid": lambda phone: ("POST", "/users/search", {"openid": openid(phone)}),
    "a phone number": lambda phone: ("POST", "/users/search", {"phone": number(phone)}),
    "logins": lambda phone: ("GET", f"/users/{phone.user_id}/logins", None),
    "a later page of logins": lambda phone: (
        "GET",
        f"/users/{phone.user_id}/logins?cursor=WzQwMDAwMDAwMDAwMDAsMV0",
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


@pytest.mark.parametrize("asked", ASKED)
def test_an_index_is_walked(
    site: Site, owner: Operator, known: Phone, statements: list[Statement], asked: str
) -> None:
    method, path, body = ASKED[asked](known)
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
