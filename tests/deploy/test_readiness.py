"""Readiness by the database: its faults leave who is signed in alone, unless it is too old."""

from __future__ import annotations

from typing import cast

import pytest
from sqlalchemy import text

from tests.harness.databases import DatabaseServer, PostgresServer
from tests.harness.phone import Phone
from tests.harness.readiness import becomes, found
from tests.harness.site import Site
from wxlogin.database import postgres_connection
from wxlogin.extensions import db


@pytest.fixture
def phone(migrated_site: Site) -> Phone:
    """Alice's phone, signed in before anything breaks."""
    phone = Phone(migrated_site)
    phone.login()
    becomes(migrated_site, "ok")
    return phone


def execute(site: Site, statement: str) -> None:
    """One statement on the site's database."""
    with site.app.app_context(), db.engine.begin() as connection:
        connection.execute(text(statement))


def test_a_database_that_is_out_is_degraded(phone: Phone, server: DatabaseServer) -> None:
    server.stop()
    try:
        becomes(phone.site, "degraded", database="out", migrations="unknown")
        assert phone.refusal() == ""
    finally:
        server.start()
    becomes(phone.site, "ok")


def test_a_database_that_hangs_is_degraded(phone: Phone, server: DatabaseServer) -> None:
    with server.frozen():
        becomes(phone.site, "degraded", database="out", migrations="unknown")
        assert found(phone.site)["database"] == "out"
        assert phone.refusal() == ""
    becomes(phone.site, "ok")


def test_a_login_is_refused_while_the_database_hangs_and_the_next_succeeds(
    phone: Phone, server: DatabaseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_connection.Connection, "answer_seconds", 0.5)
    with server.frozen():
        assert phone.site.problem(phone.try_login()) == "STORE_UNAVAILABLE"
    becomes(phone.site, "ok")
    phone.login()


def test_a_read_only_database_is_degraded(phone: Phone, server: DatabaseServer) -> None:
    with server.read_only():
        becomes(phone.site, "degraded", database="read-only")
        assert phone.refusal() == ""
    becomes(phone.site, "ok")


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_a_standby_is_degraded(phone: Phone, server: DatabaseServer) -> None:
    with cast("PostgresServer", server).standing_by():
        becomes(phone.site, "degraded", database="read-only")
        assert phone.refusal() == ""
    becomes(phone.site, "ok")


def test_a_database_of_a_newer_program_is_degraded(phone: Phone) -> None:
    execute(phone.site, "UPDATE alembic_version SET version_num = '9999'")
    becomes(phone.site, "degraded", migrations="ahead")
    assert phone.refusal() == ""


def test_a_database_of_an_older_program_is_out(phone: Phone) -> None:
    execute(phone.site, "DELETE FROM alembic_version")
    becomes(phone.site, "out", migrations="pending")


def test_an_empty_database_is_out(empty_site: Site) -> None:
    becomes(empty_site, "out", migrations="pending")
