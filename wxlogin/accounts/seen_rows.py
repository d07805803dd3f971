"""The rows that a dry run has seen, on disk: an import would find them in the database."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable

from wxlogin.accounts.import_plan import OTHER, TAKEN, Plan
from wxlogin.accounts.import_rows import ImportRow

TABLE = "CREATE TABLE seen (openid BLOB PRIMARY KEY, external_id TEXT UNIQUE) WITHOUT ROWID"


class SeenRows:
    """A database of its own in a temporary file that goes with it; it holds no openid in clear."""

    def __init__(self) -> None:
        self._sql = sqlite3.connect("")
        self._sql.execute(TABLE)

    def add(self, rows: Iterable[ImportRow]) -> None:
        """Remember rows that would be created."""
        pairs = [(_digest(row), row.external_id) for row in rows]
        self._sql.executemany("INSERT INTO seen VALUES (?, ?)", pairs)

    def leave_out(self, plan: Plan) -> Plan:
        """Return a plan without the new users of earlier rows."""
        new, unchanged, rejected = [], plan.unchanged, list(plan.rejected)
        for row in plan.new:
            known = self._sql.execute(
                "SELECT external_id FROM seen WHERE openid = ?", (_digest(row),)
            ).fetchone()
            owner = self._sql.execute(
                "SELECT openid FROM seen WHERE external_id = ?", (row.external_id,)
            ).fetchone()
            if owner and owner[0] != _digest(row):
                rejected.append((plan.lines[row.openid], TAKEN))
            elif known is None:
                new.append(row)
            elif row.external_id and known[0] and row.external_id != known[0]:
                rejected.append((plan.lines[row.openid], OTHER))
            else:
                unchanged += 1
        return plan._replace(new=new, unchanged=unchanged, rejected=rejected)


def _digest(row: ImportRow) -> bytes:
    return hashlib.sha256(row.openid.encode()).digest()
