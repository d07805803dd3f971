"""The pool of SQL connections: its bound holds, and nothing waits for a second one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import QueuePool, text

from tests.harness.console import Operator
from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.extensions import db


@pytest.fixture
def one(migrated_site: Site, make_site: Callable[..., Site]) -> Site:
    """A worker that keeps one connection."""
    url = migrated_site.settings.database_url
    return make_site(WXLOGIN_DATABASE_URL=url, WXLOGIN_DATABASE_POOL="1")


def test_one_connection_is_enough_for_every_act(one: Site) -> None:
    """Who waits for a second one while holding the first may wait for themselves."""
    owner, phone = Operator(one, "owner").sign_in(), Phone(one)
    user = phone.login()["user"]["id"]
    owner.enrol()
    for method, path in (
        ("GET", "/overview"),
        ("GET", "/users"),
        ("GET", f"/users/{user}"),
        ("GET", f"/users/{user}/logins"),
        ("GET", "/events"),
        ("GET", "/audit"),
        ("GET", "/tokens"),
        ("GET", "/me/sessions"),
        ("GET", "/keys"),
        ("GET", "/apps"),
        ("GET", "/admins"),
        ("POST", f"/users/{user}/kick"),
        ("DELETE", f"/users/{user}"),
    ):
        answer = owner.ask(method, path)
        assert answer.status_code in (200, 204), (path, answer.text)
    Phone(one).login()
    runner = one.app.test_cli_runner()
    for words in (
        "apps list",
        "keys list",
        "audit verify",
        "purge",
        "admin create vera-of-the-pool --role viewer",
    ):
        result = runner.invoke(args=words.split(), input="")
        one.tokens |= set(re.findall(r"once\): (\S+)", result.output))
        assert result.exit_code == 0, result.output


def test_a_crowd_logs_in_over_the_default_pool(migrated_site: Site) -> None:
    phones = [Phone(migrated_site, user=f"user{n}") for n in range(40)]
    together([phone.login for phone in phones])
    with migrated_site.app.app_context():
        pool = db.engine.pool
        assert isinstance(pool, QueuePool)
        assert pool.size() == 5
        assert pool.overflow() <= 0


def test_no_more_connections_than_the_setting_says(one: Site) -> None:
    phones = [Phone(one, user=f"user{n}") for n in range(8)]
    together([phone.login for phone in phones])
    with one.app.app_context(), db.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        assert isinstance(db.engine.pool, QueuePool)
        assert db.engine.pool.checkedout() == 1
        assert db.engine.pool.overflow() == 0
