"""Rows are locked in one order: of two transactions that want the same ones, one waits."""

from __future__ import annotations

import threading
from contextlib import ExitStack

from sqlalchemy import Connection, Engine, select, text, update
from sqlalchemy.exc import DBAPIError

from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.timing import eventually
from wxlogin.database import lock_rows
from wxlogin.extensions import db
from wxlogin.models import User


def _is_locked(engine: Engine, row: int) -> bool:
    """Whether somebody else has locked a user's row."""
    with engine.connect() as connection:
        try:
            connection.execute(select(User.id).where(User.id == row).with_for_update(nowait=True))
        except DBAPIError:
            return True
    return False


def _lock_both(connection: Connection, rows: list[int]) -> None:
    """Lock rows where PostgreSQL finds them in the order in which they lie."""
    if connection.dialect.name == "postgresql":
        for scan in ("indexscan", "bitmapscan", "indexonlyscan"):
            connection.execute(text(f"SET LOCAL enable_{scan} = off"))
    lock_rows(connection, User, User.id.in_(rows))


def test_who_waits_for_a_row_has_locked_those_of_smaller_ids(migrated_site: Site) -> None:
    site = migrated_site
    for name in ("alice", "bob"):
        Phone(site, name).login()
    with site.app.app_context():
        engine = db.engine
    with engine.begin() as connection:
        first, second = connection.scalars(select(User.id).order_by(User.id)).all()
        # Now it lies behind the other one.
        connection.execute(update(User).where(User.id == first).values(external_id="moved"))

    def lock() -> None:
        with engine.begin() as connection:
            _lock_both(connection, [second, first])

    with ExitStack() as stack, engine.connect() as holder:
        holder.execute(select(User.id).where(User.id == second).with_for_update())
        waiting = threading.Thread(target=lock)
        stack.callback(waiting.join)
        waiting.start()
        stack.callback(holder.rollback)
        eventually(lambda: _is_locked(engine, first), 10)
