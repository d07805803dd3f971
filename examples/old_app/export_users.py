"""Writes the shop's users as the import takes them, to standard output.

    python -m examples.old_app.export_users shop.sqlite3 > users.csv

Personal data in clear: write it to a file that nobody else can read.
"""

from __future__ import annotations

import csv
import sqlite3
import sys
from contextlib import closing
from typing import TextIO

QUERY = """
SELECT openid, unionid, phone, id AS external_id, nickname, avatar_url, created_at
FROM users
"""


def export(database: str, out: TextIO) -> None:
    """Write CSV with a header; memory stays the same for any size."""
    writer = csv.writer(out, lineterminator="\n")
    with closing(sqlite3.connect(database)) as sql:
        rows = sql.execute(QUERY)
        writer.writerow([column[0] for column in rows.description])
        writer.writerows(rows)


if __name__ == "__main__":
    export(sys.argv[1], sys.stdout)
