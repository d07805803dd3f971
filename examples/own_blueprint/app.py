"""wxlogin with a team's own calls: in place of `wsgi:app`, for gunicorn and for `flask --app`."""

from __future__ import annotations

import os

from examples.own_blueprint.notes import add_notes
from wsgi import app

add_notes(app, os.environ.get("NOTES_DATABASE", "notes.sqlite3"))
