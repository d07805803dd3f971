"""The migrations make the tables that the models describe, on every database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import MetaData, Table, insert, inspect, select

import config
from wxlogin.app import create_app
from wxlogin.extensions import Base, db
from wxlogin.models import SecurityEvent


@pytest.fixture
def app(new_url: Callable[[], str], tmp_path: Path) -> Iterator[Flask]:
    """An app on an empty database, within its context."""
    environ = {"WXLOGIN_ENV": "testing", "WXLOGIN_REDIS_URL": "unix:///nowhere"}
    environ["WXLOGIN_DATABASE_URL"] = new_url()
    app = create_app(config.load(environ, instance=tmp_path))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def differences() -> list[object]:
    """What a migration would have to change for the models to be met."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, Base.metadata))


def tables() -> set[str]:
    """The tables that are there."""
    return set(inspect(db.engine).get_table_names())


def test_an_upgrade_makes_what_the_models_say(app: Flask) -> None:
    assert differences() != []
    flask_migrate.upgrade()
    assert differences() == []
    assert tables() == {*Base.metadata.tables, "alembic_version"}


def test_a_second_upgrade_changes_nothing(app: Flask) -> None:
    flask_migrate.upgrade()
    flask_migrate.upgrade()
    assert differences() == []


def test_all_can_be_taken_back_and_made_again(app: Flask) -> None:
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    assert tables() == {"alembic_version"}
    flask_migrate.upgrade()
    assert differences() == []


def test_constraints_have_the_names_of_the_models(app: Flask) -> None:
    """So that a later migration can drop them by name, on any database."""
    flask_migrate.upgrade()
    inspector = inspect(db.engine)
    for table in Base.metadata.tables.values():
        named = {
            *(row["name"] for row in inspector.get_unique_constraints(table.name)),
            *(row["name"] for row in inspector.get_foreign_keys(table.name)),
            *(row["name"] for row in inspector.get_indexes(table.name)),
        }
        assert {index.name for index in table.indexes} <= named
        wanted = [part for part in table.constraints if part.name and part.name[:3] != "pk_"]
        assert {constraint.name for constraint in wanted} <= named


def test_the_mini_programs_of_events_are_read_from_their_details(app: Flask) -> None:
    flask_migrate.upgrade(revision="0012")
    rows = Table("security_event", MetaData(), autoload_with=db.engine)
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    same = {"kind": "k", "minute": 1, "address": "", "request_id": "", "count": 1}
    details = {"a": '{"app": "wx0123456789abcdef"}', "b": "{}"}
    for subject, detail in details.items():
        row = {**same, "subject": subject, "detail": detail, "first_at": now, "last_at": now}
        db.session.execute(insert(rows).values(row))
    db.session.commit()
    flask_migrate.upgrade()
    found = db.session.execute(select(SecurityEvent.subject, SecurityEvent.app)).all()
    assert {row.subject: row.app for row in found} == {"a": "wx0123456789abcdef", "b": ""}
