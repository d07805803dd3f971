"""A browser for the console, and operators before it; a browser that complains fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.browser import Desk
from tests.harness.console import Operator
from tests.harness.site import Site
from wxlogin.operators.permissions import Role

# What is waited for comes soon, unless the machine stands still.
expect.set_options(timeout=60_000)


@pytest.fixture
def pictures(pytestconfig: pytest.Config) -> Path | None:
    """Where the pictures of the docs go, if they are wanted."""
    folder = pytestconfig.getoption("--pictures")
    return Path(folder) if folder else None


@pytest.fixture
def sit(browser: Browser, site: Site) -> Iterator[Callable[..., Desk]]:
    """Sits operators down at browsers of their own: by role, or one who is there already."""
    desks: list[Desk] = []
    with ExitStack() as stack:

        def down(who: Role | Operator = "owner", **look: str | int) -> Desk:
            operator = who if isinstance(who, Operator) else Operator(site, who)
            desks.append(stack.enter_context(Desk.of(browser, operator, **look)))
            return desks[-1]

        yield down
    assert [fault for desk in desks for fault in desk.faults] == []


@pytest.fixture
def desk(sit: Callable[..., Desk]) -> Desk:
    """An owner who is signed in."""
    owner = sit()
    owner.keep_cookie(owner.operator.sign_in())
    return owner
