"""SQLAlchemy keeps what it compiled of each statement: a repeated call compiles nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.admin.calls import admin_calls
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.quick_sqlite import COMPILED
from tests.harness.site import Site


def _always_compiles(site: Site, call: Callable[[], object]) -> bool:
    """Whether each of four calls leaves a statement that none had left before."""
    sizes = []
    for _ in range(4):
        known = set(COMPILED)
        site.services.watch.readiness._until = 0.0  # else a verdict holds for a second
        call()
        sizes.append(len(set(COMPILED) - known))
    return all(sizes)


def test_no_read_of_an_operator_compiles_a_statement_each_time(
    site: Site, owner: Operator, phone: Phone
) -> None:
    phone.login()
    compiling = []
    for call in admin_calls(site):
        path = call.path.replace("nobody-of-this-id-0000", phone.user_id)
        if call.method == "GET" and _always_compiles(site, partial(owner.ask, "GET", path)):
            compiling.append(path)
    assert compiling == []
    site.answers.clear()  # what a user may ask for holds the openid


def test_no_probe_and_no_login_compiles_a_statement_each_time(site: Site, phone: Phone) -> None:
    def probe() -> None:
        assert site.request("GET", "/readyz").ok

    def sign_in_and_out() -> None:
        phone.login()
        phone.logout()

    assert not _always_compiles(site, probe)
    assert not _always_compiles(site, sign_in_and_out)
