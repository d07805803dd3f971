"""A database with all migrations, to be copied for each test; and one that an app has met."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import flask_migrate

import config
from wxlogin.app import create_app
from wxlogin.extensions import db

DATABASE = "wxlogin.sqlite3"
KEYS = ("secret_keys", "data_keys", "index_keys")


def migrate(directory: Path, **settings: str) -> None:
    """Run all migrations; without other settings the database is a file of the directory."""
    given = {"WXLOGIN_ENV": "testing", "WXLOGIN_REDIS_URL": "unix:///nowhere", **settings}
    app = create_app(config.load(given, instance=directory))
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()  # of a file, the last connection takes the write-ahead log along


class Template:
    """The directory of an app that was started once: its keys, and a database that knows them."""

    def __init__(self, directory: Path, migrated: Path) -> None:
        self._directory = directory
        self._migrated = migrated
        shutil.copy(migrated, directory / DATABASE)
        given = {"WXLOGIN_ENV": "testing", "WXLOGIN_REDIS_URL": "unix:///nowhere"}
        create_app(config.load(given, instance=directory))

    def lay_out(self, directory: Path, settings: Mapping[str, str]) -> None:
        """Give a site its files, unless it has them; one with keys of its own starts afresh."""
        file = directory / DATABASE
        if file.exists() or file.is_symlink():  # a database that is away is a link to nowhere
            return
        if any(name.endswith(("_KEYS", "_KEYS_FILE")) for name in settings):
            shutil.copy(self._migrated, directory / DATABASE)
            return
        for name in (DATABASE, *KEYS):
            shutil.copy(self._directory / name, directory / name)
