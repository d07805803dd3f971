"""A database with all migrations, to be copied for each test."""

from __future__ import annotations

from pathlib import Path

import flask_migrate

import config
from wxlogin.app import create_app
from wxlogin.extensions import db


def migrate(directory: Path, **settings: str) -> None:
    """Run all migrations; without other settings the database is a file of the directory."""
    given = {"WXLOGIN_ENV": "testing", "WXLOGIN_REDIS_URL": "unix:///nowhere", **settings}
    app = create_app(config.load(given, instance=directory))
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()  # of a file, the last connection takes the write-ahead log along
