"""A store out: operators are told to come back; nobody is signed out, nothing half happens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from tests.harness.console import PASSWORD, Operator
from tests.harness.site import Site
from tests.harness.trail import Trail
from wxlogin.development.valkey import ValkeyServer

CALLS: dict[str, Callable[[Operator], requests.Response]] = {
    "sign in": lambda operator: operator.try_sign_in(),
    "me": lambda operator: operator.ask("GET", "/me"),
    "admins": lambda operator: operator.ask("GET", "/admins"),
    "make a token": lambda operator: operator.ask(
        "POST", "/tokens", json={"name": "a", "scopes": ["read"]}
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_a_dead_redis_is_503_and_signs_nobody_out(
    frail_site: Site, frail_valkey: ValkeyServer, call: Callable[[Operator], requests.Response]
) -> None:
    operator = Operator(frail_site, "owner").sign_in()
    frail_valkey.kill()
    assert frail_site.problem(call(operator)) == "STORE_UNAVAILABLE"
    frail_valkey.start()
    assert operator.done("GET", "/tokens")["items"] == []


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_a_table_that_is_out_is_503_and_signs_nobody_out(
    site: Site, call: Callable[[Operator], requests.Response]
) -> None:
    operator, trail = Operator(site, "owner").sign_in(), Trail(site)
    trail.spoil("ALTER TABLE admin RENAME TO admin_gone")
    assert site.problem(call(operator)) == "STORE_UNAVAILABLE"
    trail.spoil("ALTER TABLE admin_gone RENAME TO admin")
    operator.done("GET", "/me")


def test_a_sign_in_without_the_trail_begins_no_session(site: Site) -> None:
    operator, trail = Operator(site, "owner"), Trail(site)
    trail.spoil("ALTER TABLE audit_entry RENAME TO audit_gone")
    assert site.problem(operator.try_sign_in(password=PASSWORD)) == "STORE_UNAVAILABLE"
    assert site.redis.keys("wxl:1:admin:*") == []
