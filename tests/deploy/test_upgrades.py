"""`flask db upgrade` as it is run in production: killed, twice at once, without the right to."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

import config
from tests.deploy.harness.upgrades import HEAD, HELD, killed, said, shape, upgrade
from tests.harness.databases import DatabaseServer
from wxlogin.app import create_app
from wxlogin.database import connecting, lift_statement_timeout, migrating, migration_lock
from wxlogin.database.revisions import found
from wxlogin.extensions import db

MOMENTS = range(2, 32, 3)
"""Of the changes that an upgrade makes: ten of them, in every migration."""

NewApp = Callable[[str], Flask]


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    """The URL of an empty database."""
    return new_url()


@pytest.fixture
def new_app(tmp_path: Path) -> Iterator[NewApp]:
    """Makes apps on databases."""
    made: list[Flask] = []

    def make(url: str) -> Flask:
        environ = {"WXLOGIN_ENV": "testing", "WXLOGIN_REDIS_URL": "unix:///nowhere"}
        environ["WXLOGIN_DATABASE_URL"] = url
        made.append(create_app(config.load(environ, instance=tmp_path)))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(url: str, new_app: NewApp) -> Flask:
    """An app on an empty database."""
    return new_app(url)


def runner(app: Flask) -> FlaskCliRunner:
    """The command line of an app."""
    return app.test_cli_runner()


def upgraded(app: Flask, *words: str) -> str:
    """What an upgrade that succeeds says."""
    result = runner(app).invoke(args=["db", "upgrade", *words])
    assert result.exit_code == 0, result.output
    return result.output


def refused(app: Flask, *words: str) -> str:
    """The one sentence of a command that fails."""
    result = runner(app).invoke(args=[*words] or ["db", "upgrade"])
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    (line,) = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    assert result.output.endswith(f"{line}\n")
    return line.removeprefix("Error: ")


@contextmanager
def connected(url: str) -> Iterator[Engine]:
    """An engine as somebody else would make it."""
    engine = create_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def clean_shapes() -> dict[str, dict[str, list[str]]]:
    """What a migration that nobody stopped makes, by kind of database."""
    return {}


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_upgrade_that_was_killed_goes_on_at_the_next(
    new_url: Callable[[], str],
    new_app: NewApp,
    clean_shapes: dict[str, dict[str, list[str]]],
    moment: int,
) -> None:
    url = new_url()
    kind = make_url(url).get_backend_name()
    if kind not in clean_shapes:
        clean = new_url()
        upgraded(new_app(clean))
        with connected(clean) as engine:
            clean_shapes[kind] = shape(engine)
    assert killed(url, moment) == -signal.SIGKILL
    assert upgraded(new_app(url)).endswith(f"The database is at {HEAD}.\n")
    with connected(url) as engine:
        assert shape(engine) == clean_shapes[kind]


def test_two_upgrades_wait_for_each_other(url: str) -> None:
    first = upgrade(url, "12")
    assert first.stdout
    assert first.stdin
    while HELD not in first.stdout.readline():
        assert first.poll() is None
    second = upgrade(url)
    assert second.stdout
    waiting = second.stdout.readline()
    other = "program writes to the database" if url.startswith("sqlite") else "upgrade is running"
    assert waiting == f"Another {other}; waiting for it to end.\n"
    first.stdin.write("\n")
    first.stdin.flush()
    assert said(first).endswith(f"The database is at {HEAD}.\n")
    assert said(second) == f"The database is already at {HEAD}.\n"


def test_it_says_what_it_did(app: Flask) -> None:
    first = upgraded(app, "0002").splitlines()
    assert [line[:4] for line in first] == ["0001", "0002", "The "]
    assert first[-1] == "The database is at 0002."
    assert upgraded(app).splitlines()[-1] == f"The database is at {HEAD}."
    assert upgraded(app) == f"The database is already at {HEAD}.\n"
    taken_back = runner(app).invoke(args=["db", "downgrade", "0003"]).output.splitlines()
    assert taken_back[0].startswith(HEAD)
    assert taken_back[0].endswith("(taken back)")
    assert taken_back[-1] == "The database is at 0003."


def test_every_command_names_a_database_that_is_not_migrated(app: Flask) -> None:
    for words in (["apps", "list"], ["keys", "list"], ["purge"], ["audit", "verify"]):
        assert refused(app, *words) == (
            "The database is not migrated; run `flask --app wsgi db upgrade`."
        )
    upgraded(app, "0003")
    for words in (["apps", "list"], ["admin", "create", "vera", "--role", "viewer"]):
        assert refused(app, *words) == (
            f"The database is not migrated: it is at 0003, this program needs {HEAD}; "
            "run `flask --app wsgi db upgrade`."
        )


def test_a_newer_database_is_left_alone_and_worked_on(url: str, app: Flask) -> None:
    upgraded(app)
    with connected(url) as engine, engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    sentence = refused(app)
    assert sentence.startswith("The database is at 9999, which this program does not know")
    assert sentence.endswith("Nothing was changed.")
    listed = runner(app).invoke(args=["keys", "list"])
    assert listed.exit_code == 0, listed.output


def test_what_is_in_the_way_is_named(url: str, app: Flask) -> None:
    upgraded(app, "0002")
    with connected(url) as engine, engine.begin() as connection:
        connection.execute(text("CREATE TABLE alert (id INTEGER PRIMARY KEY, mine INTEGER)"))
    assert refused(app).startswith("Table alert has other columns than this migration makes.")


def test_what_a_failure_leaves_is_said(url: str, app: Flask) -> None:
    """The third migration of one upgrade fails: where each is a transaction, two are kept."""
    with connected(url) as engine, engine.begin() as connection:
        connection.execute(text("CREATE TABLE alert (id INTEGER PRIMARY KEY, mine INTEGER)"))
    sentence = refused(app)
    kept = [] if url.startswith("sqlite") else ["0002"]
    with connected(url) as engine, engine.connect() as connection:
        assert list(found(connection)) == kept
    clause = "The migrations before it are kept." if kept else "Nothing was changed."
    assert sentence.endswith(clause)


LOCK = {"postgresql": 'LOCK TABLE "user"', "mysql": "LOCK TABLES user WRITE", "sqlite": ""}


def test_a_locked_table_is_one_sentence(
    url: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "LOCK_SECONDS", 1)
    monkeypatch.setattr(migration_lock, "SQLITE_SECONDS", 0)
    upgraded(app, "0001")
    kind = make_url(url).get_backend_name()
    with connected(url) as engine, engine.connect() as holder:
        holder.exec_driver_sql(LOCK[kind] or "BEGIN IMMEDIATE")
        sentence = refused(app)
    if kind == "sqlite":
        waited, kept = "for another program that writes to the database", "nothing was changed"
    else:
        waited, kept = "for a table that another program uses", "the migrations before it are kept"
    assert re.match(rf"(The migrations|Migration \d+) waited [1-3] s {waited}, and gave", sentence)
    assert sentence.endswith(f"Run this again; {kept}.")
    assert upgraded(app).endswith(f"The database is at {HEAD}.\n")


GRANTS = {
    "postgresql": [
        "DROP ROLE IF EXISTS modest",
        "CREATE ROLE modest LOGIN",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO modest",
    ],
    "mysql": [
        "CREATE OR REPLACE USER modest@127.0.0.1",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON {database}.* TO modest@127.0.0.1",
    ],
}


def test_an_account_that_may_not_change_tables_is_one_sentence(
    server: DatabaseServer, new_app: NewApp
) -> None:
    owners = make_url(server.database())
    app = new_app(owners.render_as_string(hide_password=False))
    modest = new_app(owners.set(username="modest").render_as_string(hide_password=False))
    upgraded(app, "0001")
    with connected(str(owners)) as engine, engine.connect() as connection:
        for grant in GRANTS[owners.get_backend_name()]:
            connection.exec_driver_sql(grant.format(database=owners.database))
        connection.commit()
    sentence = refused(modest)
    assert sentence.startswith("Migration 0002 may not change the tables: ")
    assert "account that owns" in sentence
    assert upgraded(app).endswith(f"The database is at {HEAD}.\n")
    if owners.get_backend_name() == "postgresql":
        with connected(str(owners)) as engine, engine.begin() as connection:
            connection.exec_driver_sql("DROP OWNED BY modest")
            connection.exec_driver_sql("DROP ROLE modest")


def test_a_database_that_cannot_be_reached_is_one_sentence(new_app: NewApp) -> None:
    app = new_app("postgresql+psycopg://wxlogin:made-up-password@127.0.0.1:1/wxlogin")
    sentence = refused(app)
    assert sentence.startswith("The database cannot be reached: ")
    assert "made-up-password" not in sentence


SLEEP = {"postgresql": "SELECT pg_sleep(1.5)", "mysql": "SELECT SLEEP(1.5)"}


def test_only_requests_have_a_deadline(
    server: DatabaseServer, new_app: NewApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests wait a second here; commands and migrations for as long as it takes."""
    monkeypatch.setattr(connecting, "STATEMENT_SECONDS", 1)
    url = make_url(server.database())
    slow = text(SLEEP[url.get_backend_name()])
    with new_app(url.render_as_string(hide_password=False)).app_context():
        with pytest.raises(DBAPIError), db.engine.connect() as connection:
            connection.execute(slow)
        lift_statement_timeout(db.engine)
        with db.engine.connect() as connection:
            connection.execute(slow)
    engine = migrating.engine_for(url, pgbouncer=False)
    with engine.connect() as connection:
        connection.execute(slow)
