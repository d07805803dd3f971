"""Users who were there before persons were get one; those of one unionid get the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import text

import config
from wxlogin.app import create_app
from wxlogin.extensions import db

ROWS = [(1, None), (2, "a" * 64), (3, "b" * 64), (4, "a" * 64), (5, None)]
APP = "INSERT INTO app (id, appid, name, secret_sealed, status, created_at) VALUES "
USER = (
    "INSERT INTO {user} (id, public_id, app_id, openid_sealed, openid_index, index_key, "
    "unionid_index, created_at, last_login_at) VALUES "
)
NOW = "'2026-01-01 00:00:00'"


@pytest.fixture
def app(new_url: Callable[[], str], tmp_path: Path) -> Callable[[], Flask]:
    """An app on a database of the version before."""
    environ = {"WXLOGIN_ENV": "testing", "WXLOGIN_REDIS_URL": "unix:///nowhere"}
    environ["WXLOGIN_DATABASE_URL"] = new_url()
    return lambda: create_app(config.load(environ, instance=tmp_path))


def test_an_upgrade_gives_each_user_a_person(app: Callable[[], Flask]) -> None:
    with app().app_context():
        flask_migrate.upgrade(revision="0015")
        _add_users()
        flask_migrate.upgrade()
        found = _persons()
        assert all(re.fullmatch("[A-Za-z0-9_-]{22}", one or "") for one in found.values())
        assert found[2] == found[4]
        assert len(set(found.values())) == 4
        # A program of the version before goes on beside it.
        _run("DELETE FROM {user} WHERE id = 5")
        _add_users(ROWS[4:])
        assert _persons() == {**found, 5: None}
        db.session.remove()
        db.engine.dispose()


def _add_users(rows: list[tuple[int, str | None]] = ROWS) -> None:
    if rows is ROWS:
        _run(f"{APP} (1, 'wx0123456789abcdef', 'n', 's', 'active', {NOW})")
    for number, unionid in rows:
        index = f"'{unionid}'" if unionid else "NULL"
        who = f"{number}, '{number:022}', 1, 's', '{number:064}', 'k', {index}, {NOW}, {NOW}"
        _run(f"{USER} ({who})")


def _run(statement: str) -> None:
    quoted = db.engine.dialect.identifier_preparer.quote("user")
    with db.engine.begin() as connection:
        connection.execute(text(statement.replace("{user}", quoted)))


def _persons() -> dict[int, str | None]:
    quoted = db.engine.dialect.identifier_preparer.quote("user")
    with db.engine.connect() as connection:
        rows = connection.execute(text(f"SELECT id, person FROM {quoted}"))
        return {row.id: row.person for row in rows}
