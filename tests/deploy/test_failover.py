"""A database that turns read-only or cuts connections: nobody waits longer than it lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import cast

import pytest
from sqlalchemy import QueuePool, create_engine, make_url

from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.readiness import becomes
from tests.harness.site import Site
from wxlogin.database import idle_check
from wxlogin.extensions import db

MODEST = "modest"


def executed(url: str, *statements: str) -> None:
    """Run statements as the administrator."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


class Failover:
    """A database whose server stops taking writes, as after a failover, and takes them again."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        self._name = address.database
        self._postgresql = address.get_backend_name() == "postgresql"
        other = address.set(database="postgres") if self._postgresql else address
        self._url = other.render_as_string(hide_password=False)

    def end_connections(self) -> None:
        """Cut everybody off, as an administrator or a restart does."""
        if self._postgresql:
            mine = f"FROM pg_stat_activity WHERE datname = '{self._name}'"
            executed(self._url, f"SELECT pg_terminate_backend(pid) {mine}")
        else:
            executed(self._url, f"KILL USER {MODEST}@localhost")

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """New connections may only read; on MariaDB old ones too."""
        self._take_writes(taken=False)
        self.end_connections()
        try:
            yield
        finally:
            self._take_writes(taken=True)

    def _take_writes(self, *, taken: bool) -> None:
        if self._postgresql:
            value = "off" if taken else "on"
            name = "default_transaction_read_only"
            executed(self._url, f"ALTER DATABASE {self._name} SET {name} = {value}")
        else:
            executed(self._url, f"SET GLOBAL read_only = {int(not taken)}")


@pytest.fixture
def failover(migrated_site: Site) -> Failover:
    """The database of the site."""
    return Failover(migrated_site.settings.database_url)


@pytest.fixture
def site(migrated_site: Site, make_site: Callable[..., Site]) -> Site:
    """A site whose account is no administrator: those may write to a read-only MariaDB."""
    url = make_url(migrated_site.settings.database_url)
    if url.get_backend_name() == "postgresql":
        return migrated_site
    executed(
        migrated_site.settings.database_url,
        f"CREATE OR REPLACE USER {MODEST}@localhost",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {url.database}.* TO {MODEST}@localhost",
    )
    modest = url.set(username=MODEST).render_as_string(hide_password=False)
    return make_site(WXLOGIN_DATABASE_URL=modest)


def test_logins_work_at_once_when_writes_are_taken_again(site: Site, failover: Failover) -> None:
    """Connections that were made in between would only read for as long as they live."""
    phones = [Phone(site, user=f"user{n}") for n in range(4)]
    together([phone.login for phone in phones])
    with failover.read_only():
        for answer in together([phone.try_login for phone in phones]):
            assert site.problem(answer) == "STORE_UNAVAILABLE"
        assert phones[0].ask("GET", "/v1/session").status_code == 200
        assert phones[0].ask("GET", "/v1/auth").status_code == 204
        site.request("GET", "/readyz")  # reads, so that a connection goes back to the pool
    for phone in phones:
        phone.login()


TURNING = {
    "postgresql": "SET SESSION default_transaction_read_only = on",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
}


def turn_read_only(site: Site, but: int = 0) -> None:
    """Turn all pooled connections, as a primary that was demoted and lives on does.

    `but`: so many of them are in use.
    """
    with site.app.app_context(), ExitStack() as stack:
        pool = cast("QueuePool", db.engine.pool)
        size = pool.size() - but
        for connection in [stack.enter_context(db.engine.connect()) for _ in range(size)]:
            connection.exec_driver_sql(TURNING[db.engine.dialect.name])
            connection.commit()


def test_one_refusal_gives_all_connections_up(site: Site) -> None:
    phone = Phone(site)
    phone.login()
    turn_read_only(site)
    assert site.problem(phone.try_login()) == "STORE_UNAVAILABLE"
    for _ in range(5):
        phone.login()


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_a_probe_that_finds_one_read_only_gives_all_connections_up(site: Site) -> None:
    phones = [Phone(site, user=f"user{n}") for n in range(8)]
    phones[0].login()
    becomes(site, "ok")
    with site.app.app_context(), db.engine.connect() as used:
        used.exec_driver_sql(TURNING["postgresql"])
        used.commit()
        turn_read_only(site, but=1)
        becomes(site, "degraded", database="read-only")
    together([phone.login for phone in phones])
    becomes(site, "ok")


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_a_worker_without_logins_finds_out_that_writes_are_taken_again(site: Site) -> None:
    Phone(site).login()
    turn_read_only(site)
    becomes(site, "degraded", database="read-only")
    becomes(site, "ok")


@pytest.mark.parametrize("times", [1, 3])
def test_connections_that_the_server_ended_are_replaced(
    site: Site, failover: Failover, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle_check, "IDLE_SECONDS", 3600)  # nobody asks
    phones = [Phone(site, user=f"user{n}") for n in range(4)]
    for _ in range(times):
        together([phone.login for phone in phones])
        failover.end_connections()
    together([phone.login for phone in phones])


@pytest.mark.parametrize(("seconds", "asked"), [(3600, False), (0, True)])
def test_a_connection_is_asked_whether_its_server_is_there_where_it_was_idle(
    site: Site, monkeypatch: pytest.MonkeyPatch, seconds: float, *, asked: bool
) -> None:
    phone = Phone(site)
    phone.login()
    monkeypatch.setattr(idle_check, "IDLE_SECONDS", seconds)
    with site.app.app_context():
        dialect = db.engine.dialect
    pings: list[bool] = []
    monkeypatch.setattr(dialect, "do_ping", lambda _connection: pings.append(True) or True)
    phone.login()
    assert bool(pings) == asked
