"""Imports users of a mini-program in batches: memory stays flat, and it may be repeated.

A user who is there keeps what they, WeChat or a service told of them, also in the same moment, and
gets what they lack. No webhook tells of an import but `person.joined`, for users who were there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, insert, or_, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from wxlogin.accounts.apps import MiniProgram
from wxlogin.accounts.id_propagation import IdPropagation
from wxlogin.accounts.import_files import Line, fields_of
from wxlogin.accounts.import_plan import Plan, Stored, plan_rows
from wxlogin.accounts.import_rows import ImportRow, Rejected, parse_row
from wxlogin.accounts.import_sealing import Sealing
from wxlogin.accounts.persons import TOGETHER, Persons
from wxlogin.accounts.seen_rows import SeenRows
from wxlogin.accounts.users import index_rows
from wxlogin.clock import Clock, utc_now
from wxlogin.database import faults
from wxlogin.models import User, UserOpenidIndex
from wxlogin.sessions.ids import NO_IDS

BATCH = 500
ATTEMPTS = 5
"""Each but the first follows a login that created a user of the batch at the same time."""
COLUMNS = (
    User.id,
    User.public_id,
    User.external_id,
    User.phone_index,
    User.profile_sealed,
    User.unionid_index,
    User.created_at,
)


class Tally(NamedTuple):
    """What became of the rows so far."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return sum(self)


class Importing:
    """Imports users."""

    def __init__(
        self,
        sql: Engine,
        sealing: Sealing,
        clock: Clock,
        persons: Persons,
        id_propagation: IdPropagation,
    ) -> None:
        self._sql = sql
        self._sealing = sealing
        self._clock = clock
        self._persons = persons
        self._id_propagation = id_propagation

    def run(
        self,
        app: MiniProgram,
        lines: Iterable[Line],
        reject: Callable[[Line, str], None],
        *,
        dry_run: bool = False,
    ) -> Iterator[Tally]:
        """Import the lines, and yield after each batch; `reject` gets those that cannot be taken.

        A dry run writes nothing, and tells what an import would do.
        """
        seen, tally, now = SeenRows() if dry_run else None, Tally(), utc_now(self._clock)
        for batch, wrong in _batches(lines, now):
            plan = self._dry(app, batch, seen) if seen else self._import(app, batch)
            for line, reason in (*wrong, *plan.rejected):
                reject(line, reason)
            tally = Tally(
                tally.created + len(plan.new),
                tally.changed + len(plan.changes),
                tally.unchanged + plan.unchanged,
                tally.rejected + len(wrong) + len(plan.rejected),
            )
            yield tally

    def _dry(self, app: MiniProgram, batch: Batch, seen: SeenRows) -> Plan:
        with self._sql.connect() as connection:
            plan = seen.leave_out(self._plan(connection, app, batch))
        seen.add(plan.new)
        return plan

    def _import(self, app: MiniProgram, batch: Batch) -> Plan:
        for attempt in range(ATTEMPTS):
            try:
                with self._sql.begin() as connection:
                    plan = self._plan(connection, app, batch)
                    self._insert(connection, app, plan.new)
                    self._update(connection, plan)
                break
            except DBAPIError as fault:
                again = isinstance(fault, IntegrityError) or faults.is_deadlock(fault.orig)
                if not again or attempt == ATTEMPTS - 1:
                    raise
        for change in plan.changes:
            if change.unionid:
                self._persons.join(change.user.public_id, NO_IDS, change.unionid, replace=False)
        linked = [one.user.public_id for one in plan.changes if one.external_id]
        if linked:
            self._id_propagation.propagate(linked)
        return plan

    def _plan(self, connection: Connection, app: MiniProgram, batch: Batch) -> Plan:
        """Return what is to be done with the rows of a batch."""
        by_digest = {
            digest: row.openid for _, row in batch for digest in self._sealing.openids(app, row)
        }
        stored = _stored(connection, app, by_digest)
        asked = [row.external_id for _, row in batch if row.external_id]
        taken = select(User.external_id, User.id).where(
            User.app_id == app.id, User.external_id.in_(asked)
        )
        owners = {row.external_id: row.id for row in connection.execute(taken)} if asked else {}
        return plan_rows(batch, stored, owners)

    def _insert(self, connection: Connection, app: MiniProgram, rows: Sequence[ImportRow]) -> None:
        if not rows:
            return
        persons = self._known_persons(connection, app, rows)
        now = utc_now(self._clock)
        users = [self._sealing.new_user(app, row, persons, now) for row in rows]
        connection.execute(insert(User), users)
        public_ids = [user["public_id"] for user in users]
        created = select(User.public_id, User.id).where(User.public_id.in_(public_ids))
        ids = {row.public_id: row.id for row in connection.execute(created)}
        connection.execute(
            insert(UserOpenidIndex),
            [
                one
                for user, row in zip(users, rows, strict=True)
                for one in index_rows(
                    app.id, ids[user["public_id"]], self._sealing.openid_digests(app, row)
                )
            ],
        )

    def _known_persons(
        self, connection: Connection, app: MiniProgram, rows: Sequence[ImportRow]
    ) -> Mapping[str, str]:
        """Return the persons of the digests of unionids that are known; the oldest user's last.

        Those who have another user in this app are left out: the next login tells them apart.
        """
        digests = [one for row in rows for one in self._sealing.unionids(row)]
        if not digests:
            return {}
        columns = User.unionid_index, User.person
        known = select(*columns).where(
            User.unionid_index.in_(digests), User.person.is_not(None), TOGETHER
        )
        found = connection.execute(known.order_by(User.created_at.desc(), User.id.desc())).all()
        other = or_(User.unionid_index.is_(None), User.unionid_index.not_in(digests))
        here = User.app_id == app.id, User.person.in_([row.person for row in found]), TOGETHER
        taken = set(connection.scalars(select(User.person).where(*here, other)))
        return {row.unionid_index: row.person for row in found if row.person not in taken}

    def _update(self, connection: Connection, plan: Plan) -> None:
        for change in plan.changes:
            if columns := self._sealing.changed_columns(change):
                own = update(User).where(User.id == change.user.id)
                connection.execute(own.values(columns))


Batch = Sequence[tuple[Line, ImportRow]]


def _batches(
    lines: Iterable[Line], now: datetime
) -> Iterator[tuple[Batch, list[tuple[Line, str]]]]:
    """Yield rows in batches, no two of which say something of one id, with the wrong ones."""
    batch: list[tuple[Line, ImportRow]] = []
    wrong: list[tuple[Line, str]] = []
    ids: set[tuple[str, str | None]] = set()
    for line in lines:
        try:
            row = parse_row(fields_of(line), now)
        except Rejected as rejected:
            wrong.append((line, str(rejected)))
            own = set[tuple[str, str | None]]()
        else:
            own = {("o", row.openid), ("u", row.unionid), ("e", row.external_id)}
            own -= {("u", None), ("e", None)}
            if not ids.isdisjoint(own):
                yield batch, wrong
                batch, wrong, ids = [], [], set()
            batch.append((line, row))
            ids |= own
        if len(batch) + len(wrong) >= BATCH:
            yield batch, wrong
            batch, wrong, ids = [], [], set()
    yield batch, wrong


def _stored(
    connection: Connection, app: MiniProgram, by_digest: Mapping[str, str]
) -> dict[str, Stored]:
    """Return the users who are there, by openid."""
    own = select(*COLUMNS, User.openid_index).where(
        User.app_id == app.id, User.openid_index.in_(by_digest)
    )
    other = (
        select(*COLUMNS, UserOpenidIndex.openid_index)
        .join(UserOpenidIndex, UserOpenidIndex.user_id == User.id)
        .where(UserOpenidIndex.app_id == app.id, UserOpenidIndex.openid_index.in_(by_digest))
    )
    found: dict[str, Stored] = {}
    for query in (other, own):
        for row in connection.execute(query):
            found[by_digest[row.openid_index]] = Stored(*row[:-1])
    return found
