"""What the doctor finds of PostgreSQL and MariaDB."""

from __future__ import annotations

from typing import NoReturn

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import ProgrammingError

from tests.harness.databases import DatabaseServer
from tests.harness.patient import findings, of_site
from tests.harness.site import Site


def test_an_administrator_s_account_may_do_too_much(migrated_site: Site) -> None:
    found = of_site("database", migrated_site)
    assert list(found) == ["database.changes_tables", "database.changes_audit"]
    said = found["database.changes_audit"].say("en").what
    assert "UPDATE, DELETE" in said


def test_a_read_only_database_is_named(server: DatabaseServer, migrated_site: Site) -> None:
    with server.read_only():
        assert "database.read_only" in of_site("database", migrated_site)


def test_too_few_connections_are_named(migrated_site: Site) -> None:
    settings, clock = migrated_site.settings, migrated_site.clock
    found = findings("database", settings, clock, hosts=2, workers=30)
    assert "database.too_few_connections" in found
    found = findings("database", settings, clock, hosts=2, workers=9)  # 90 of 100, 90 of 151
    expected = settings.database_url.startswith("postgresql")
    assert ("database.tight_connections" in found) == expected
    found = findings("database", settings, clock, hosts=1, workers=2)
    assert {"database.too_few_connections", "database.tight_connections"}.isdisjoint(found)


def test_rights_that_the_database_does_not_tell_are_unknown(
    migrated_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def untold(connection: Connection) -> NoReturn:
        raise ProgrammingError("SHOW GRANTS", None, Exception(connection.dialect.name))

    for of_system in ("_postgresql", "_mysql"):
        monkeypatch.setattr(f"wxlogin.doctor.database_check.{of_system}", untold)
    found = of_site("database", migrated_site)["database.rights_unknown"]
    assert found.level == "unknown"
