"""Takes users of an export of wxlogin, from standard input, who have no row yet.

    python -m examples.old_app.import_users shop.sqlite3 < wxlogin-users.csv

They get the shop's next ids; whoever has a row keeps it as it is.
"""

from __future__ import annotations

import csv
import sqlite3
import sys
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime

INSERT = """
INSERT INTO users (openid, unionid, phone, nickname, avatar_url, created_at)
VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (openid) DO NOTHING
"""
TEXTS = ("openid", "unionid", "phone", "nickname", "avatar_url")


def take(database: str, lines: Iterable[str]) -> int:
    """Insert who is missing, in one transaction; how many those were."""
    rows = (
        (*(row[name] or None for name in TEXTS), int(instant(row["created_at"])))
        for row in csv.DictReader(lines)
    )
    with closing(sqlite3.connect(database)) as sql, sql:
        return sql.executemany(INSERT, rows).rowcount


def instant(created_at: str) -> float:
    """Return the Unix seconds of a time in ISO 8601."""
    return datetime.fromisoformat(created_at.replace("Z", "+00:00")).timestamp()


if __name__ == "__main__":
    sys.stdout.write(f"{take(sys.argv[1], sys.stdin)} users had no row.\n")
