"""The SQL of a site: the statements that it runs, and what its rows hold of a user."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, select, text

from tests.harness.site import APPID, Site
from wxlogin.extensions import Base, db
from wxlogin.models import User
from wxlogin.vault import BlindIndex, Vault

Statement = tuple[str, Any]
"""A statement and its parameters."""


@contextmanager
def recorded(site: Site) -> Iterator[list[Statement]]:
    """Record what the site runs until the block ends."""
    run: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        run.append((statement, parameters))

    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield run
    event.remove(engine, "before_cursor_execute", note)


def ids_of(site: Site, public_id: str, appid: str = APPID) -> dict[str, str | None]:
    """The ids of a user as they stand in the body of each event."""
    row = UserRow(site, public_id)
    person, external_id = row.column("person"), row.column("external_id")
    return {"user": public_id, "person": person, "external_id": external_id, "app": appid}


def plan(site: Site, statements: Iterable[Statement]) -> list[str]:
    """The steps of SQLite's plans for these statements."""
    steps = []
    with site.app.app_context(), db.engine.connect() as connection:
        for statement, parameters in statements:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps += [str(row.detail) for row in rows]
    return steps


def rename(site: Site, old: str, new: str) -> None:
    """Give a table another name."""
    with site.app.app_context(), db.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


def rows_with(site: Site, value: str) -> dict[str, int]:
    """In which tables, and in how many rows of each, a value stands."""
    found = {}
    with site.app.app_context():
        for name, table in Base.metadata.tables.items():
            rows = db.session.execute(select(table)).all()
            found[name] = sum(value in str(tuple(row)) for row in rows)
    return {name: count for name, count in found.items() if count}


class UserRow:
    """One user's row as it stands at this moment."""

    def __init__(self, site: Site, public_id: str) -> None:
        self._site = site
        self._public_id = public_id

    def column(self, name: str) -> Any:
        """What stands in the column."""
        with self._site.app.app_context():
            wanted = select(getattr(User, name)).where(User.public_id == self._public_id)
            return db.session.scalars(wanted).one()

    def opened(self, name: str) -> Any:
        """The text that is sealed in the column, or None; JSON is read."""
        sealed = self.column(name)
        if sealed is None:
            return None
        aad = f"user.{name}:{self._public_id}"
        clear = Vault(self._site.settings.data_keys).open(sealed, aad)
        return json.loads(clear) if clear.startswith("{") else clear

    def is_indexed(self, name: str, value: str, purpose: str) -> bool:
        """Whether the column holds the value's blind index for the purpose."""
        index = BlindIndex(self._site.settings.index_keys)
        return self.column(name) in [indexed.digest for indexed in index.digests(value, purpose)]
