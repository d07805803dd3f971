"""deploy/sql: an owner migrates, the app works with fewer rights, the trail can only grow."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import flask_migrate
import pytest
from sqlalchemy import URL, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from tests.deploy.harness.sql_roles import APP, OWNER, Granted
from tests.deploy.harness.workload import live_a_day
from tests.harness.databases import DatabaseServer
from tests.harness.patient import of_site
from tests.harness.site import Site

DDL = (
    "CREATE TABLE mine (id INTEGER)",
    "ALTER TABLE alert ADD COLUMN mine INTEGER",
    "DROP TABLE audit_entry",
    "CREATE INDEX mine ON alert (at)",
)
CHANGES = (
    "UPDATE audit_entry SET reason = 'none'",
    "DELETE FROM audit_entry",
    "UPDATE alembic_version SET version_num = '9999'",
    "DELETE FROM alembic_version",
    "INSERT INTO alembic_version (version_num) VALUES ('9999')",
)


@pytest.fixture
def granted(server: DatabaseServer) -> Iterator[Granted]:
    """An empty database of each server in turn, with the roles."""
    granted = Granted(server)
    granted.grant()
    yield granted
    granted.remove_roles()


@pytest.fixture
def granted_and_migrated(granted: Granted, make_site: Callable[..., Site]) -> Granted:
    """The database as the owner migrated it, with the rights on its tables."""
    owner = make_site(WXLOGIN_DATABASE_URL=granted.url(OWNER))
    with owner.app.app_context():
        flask_migrate.upgrade()
    granted.grant()
    return granted


def test_the_app_s_role_is_enough_for_everything_that_happens_in_a_day(
    granted_and_migrated: Granted, make_site: Callable[..., Site]
) -> None:
    site = make_site(WXLOGIN_DATABASE_URL=granted_and_migrated.url(APP))
    live_a_day(site)
    assert site.request("GET", "/readyz").json()["status"] == "ok"


def test_the_doctor_finds_that_the_app_may_do_no_more_than_it_needs(
    granted_and_migrated: Granted, make_site: Callable[..., Site]
) -> None:
    app = make_site(WXLOGIN_DATABASE_URL=granted_and_migrated.url(APP))
    assert list(of_site("database", app)) == ["ok"]
    owner = make_site(WXLOGIN_DATABASE_URL=granted_and_migrated.url(OWNER))
    assert "database.changes_tables" in of_site("database", owner)


def test_the_app_changes_no_table_and_no_entry_of_the_trail(granted_and_migrated: Granted) -> None:
    granted_and_migrated.run(OWNER, "UPDATE audit_entry SET reason = reason")
    for statement in (*DDL, *CHANGES):
        assert granted_and_migrated.refused(statement), statement


def test_a_table_of_a_later_migration_can_be_written_once_the_file_was_run_again(
    granted_and_migrated: Granted,
) -> None:
    granted_and_migrated.run(OWNER, "CREATE TABLE later (id INTEGER PRIMARY KEY)")
    granted_and_migrated.run(APP, "SELECT * FROM later")
    granted_and_migrated.grant(passwords=False)
    granted_and_migrated.run(APP, "INSERT INTO later (id) VALUES (1)", "DELETE FROM later")
    assert granted_and_migrated.refused("DELETE FROM audit_entry")


def test_tables_that_another_role_made_become_the_owner_s(
    granted: Granted, make_site: Callable[..., Site]
) -> None:
    before = make_site(WXLOGIN_DATABASE_URL=str(granted.administrator))
    with before.app.app_context():
        flask_migrate.upgrade(revision="0002")
    granted.grant()
    owner = make_site(WXLOGIN_DATABASE_URL=granted.url(OWNER))
    with owner.app.app_context():
        flask_migrate.upgrade()
    granted.grant()
    granted.run(APP, "DELETE FROM alert")


def test_a_role_without_a_password_cannot_sign_in(server: DatabaseServer) -> None:
    granted = Granted(server)
    try:
        granted.grant(passwords=False)
        url: URL = granted.administrator
        if granted.postgresql:  # this server trusts everybody; the role has nothing to compare
            granted.run(
                "", f"SELECT 1 / (rolpassword IS NULL)::int FROM pg_authid WHERE rolname = '{APP}'"
            )
            return
        engine = create_engine(url.set(username=APP, password=""), poolclass=NullPool)
        with pytest.raises(DBAPIError, match="account is locked"):
            engine.connect()
    finally:
        granted.remove_roles()
