"""Notes of users: a team's own calls in wxlogin's app, with its sessions, limits and signals."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from flask import Blueprint, Flask, request

from wxlogin.integration import current_session, limiter, login_required, signal, user_key

SCHEMA = "CREATE TABLE IF NOT EXISTS notes (user TEXT NOT NULL, text TEXT NOT NULL)"


class Notes:
    """The notes of all users, by the public id of the user."""

    def __init__(self, database: str) -> None:
        self._database = database
        with closing(sqlite3.connect(database)) as sql:
            sql.execute(SCHEMA)

    def of(self, user: str) -> list[str]:
        """Return a user's notes."""
        with closing(sqlite3.connect(self._database)) as sql:
            return [
                text for (text,) in sql.execute("SELECT text FROM notes WHERE user = ?", (user,))
            ]

    def add(self, user: str, text: str) -> None:
        """Write a note down; the same text is there once, as a signal may come twice."""
        with closing(sqlite3.connect(self._database)) as sql, sql:
            absent = "WHERE NOT EXISTS (SELECT 1 FROM notes WHERE user = ? AND text = ?)"
            sql.execute(f"INSERT INTO notes SELECT ?, ? {absent}", (user, text, user, text))

    def forget(self, user: str) -> None:
        """Delete all of a user's notes."""
        with closing(sqlite3.connect(self._database)) as sql, sql:
            sql.execute("DELETE FROM notes WHERE user = ?", (user,))


def add_notes(app: Flask, database: str) -> None:
    """Give wxlogin's app the calls, and listen to what happens to users."""
    notes, calls = Notes(database), Blueprint("notes", __name__, url_prefix="/notes")

    @calls.get("")
    @login_required
    def read() -> dict[str, object]:
        return {"notes": notes.of(current_session().user)}

    @calls.post("")
    @login_required
    @limiter.limit("20/minute", key_func=user_key)
    def write() -> tuple[dict[str, object], int]:
        text = str(request.get_json()["text"])[:200]
        notes.add(current_session().user, text)
        return {"text": text}, 201

    def welcome(sender: object, event: dict[str, Any]) -> None:  # noqa: ARG001
        notes.add(event["data"]["user"], "Welcome")

    def forget(sender: object, event: dict[str, Any]) -> None:  # noqa: ARG001
        notes.forget(event["data"]["user"])

    signal("user.created").connect(welcome, weak=False)
    signal("user.erased").connect(forget, weak=False)
    app.register_blueprint(calls)
