"""The shop's users, with ids of its own. The move leaves this table as it is."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY, openid TEXT NOT NULL UNIQUE, unionid TEXT, phone TEXT,
    nickname TEXT, avatar_url TEXT, created_at INTEGER NOT NULL);
"""


class Users:
    """The table."""

    def __init__(self, database: str) -> None:
        self._database = database
        with closing(sqlite3.connect(database)) as sql:
            sql.executescript(SCHEMA)

    def get_or_create(self, openid: str, unionid: str | None) -> int:
        """Return the id of an openid's user."""
        new = "INSERT INTO users (openid, unionid, created_at) VALUES (?, ?, ?)"
        with closing(sqlite3.connect(self._database)) as sql, sql:
            row = (openid, unionid, int(time.time()))
            sql.execute(f"{new} ON CONFLICT (openid) DO NOTHING", row)
            found = sql.execute("SELECT id FROM users WHERE openid = ?", (openid,))
            return int(found.fetchone()[0])

    def set_phone(self, user: int, number: str) -> None:
        """Keep a user's number."""
        with closing(sqlite3.connect(self._database)) as sql, sql:
            sql.execute("UPDATE users SET phone = ? WHERE id = ?", (number, user))

    def nickname(self, user: int) -> str | None:
        """Return a user's nickname."""
        with closing(sqlite3.connect(self._database)) as sql:
            own = sql.execute("SELECT nickname FROM users WHERE id = ?", (user,)).fetchone()
        return None if own is None else own[0]
