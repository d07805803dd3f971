"""Who may use a mini-program: disable it, enable it, end the sessions of all its users.

SQL gives each change a version, and each user's slot keeps it: of two changes at the same moment
the one that SQL committed last wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, func, select, update
from sqlalchemy.orm import Session

from wxlogin.accounts.applied_changes import AppliedChanges
from wxlogin.accounts.apps import ACTIVE, DISABLED, Apps, MiniProgram
from wxlogin.accounts.update_expressions import UNSYNCHRONIZED, latest, next_version
from wxlogin.clock import Clock, milliseconds
from wxlogin.models import App, User
from wxlogin.sessions import SessionStore
from wxlogin.sessions.causes import Cause
from wxlogin.sessions.store import Change

BATCH = 200


class Step(NamedTuple):
    """Progress of a batch job: users processed, all users, sessions ended (or slots unblocked)."""

    seen: int
    users: int
    done: int


class AppAccess:
    """Changes whether a mini-program's users may sign in. An interrupted run can be repeated."""

    def __init__(
        self,
        current_session: Callable[[], Session],
        apps: Apps,
        sessions: SessionStore,
        applied: AppliedChanges,
        clock: Clock,
    ) -> None:
        self._current_session = current_session
        self._apps = apps
        self._sessions = sessions
        self._applied = applied
        self._clock = clock

    def disable(self, appid: str, by: str = "") -> Iterator[Step]:
        """Refuse the mini-program's logins, then end its sessions.

        `by` is who does it, as the audit trail names them.
        """
        app = self._apps.get(appid)
        ending = {"status": DISABLED, "void_before": self._void_before()}
        change = self._commit(app, {"version": next_version(App.version), **ending})
        cause = Cause("app_disabled", by)
        return self._run(
            app,
            change,
            lambda public_ids: self._sessions.block_all(public_ids, "app", change, cause),
        )

    def enable(self, appid: str) -> Iterator[Step]:
        """Allow its logins again, for all users at once, after the last batch.

        It stays disabled until a run completes, and where it is disabled again meanwhile.
        """
        app = self._apps.get(appid)
        change = self._commit(app, {"version": next_version(App.version)})
        # A mark lives for an hour: one that is left would refuse a user of an active app.
        yield from self._run(
            app,
            change,
            lambda public_ids: self._sessions.unblock_all(public_ids, "app", change.version),
        )
        self._commit(app, {"status": ACTIVE}, App.version == change.version)

    def end_sessions(self, appid: str, by: str = "") -> Iterator[Step]:
        """End the sessions of all its users, who can log in again at once."""
        app = self._apps.get(appid)
        change = self._commit(app, {"void_before": self._void_before()})
        cause = Cause("kicked", by, "app.end_sessions")
        return self._run(app, change, lambda public_ids: self._sessions.end_all(public_ids, cause))

    def _void_before(self) -> ColumnElement[Any]:
        return latest(App.void_before, milliseconds(self._clock))

    def _commit(
        self, app: MiniProgram, columns: Mapping[str, Any], *only_if: ColumnElement[bool]
    ) -> Change:
        """Write columns; return the latest change as SQL has it."""
        session, own = self._current_session(), App.id == app.id
        write = update(App).where(own, *only_if).values(columns)
        session.execute(write, execution_options=UNSYNCHRONIZED)
        row = session.execute(select(App.version, App.void_before).where(own)).one()
        session.commit()
        self._apps.invalidate()
        return Change(row.version or 0, row.void_before or 0)

    def _run(
        self, app: MiniProgram, change: Change, process: Callable[[list[str]], int]
    ) -> Iterator[Step]:
        """Process all users, including those created meanwhile; yield after each batch."""
        users = select(func.count()).select_from(User).where(User.app_id == app.id)
        count = self._current_session().scalar(users) or 0
        seen = done = last = 0
        while rows := self._batch(app, last):
            done += process([row.public_id for row in rows])
            seen, last = seen + len(rows), rows[-1].id
            yield Step(seen, max(count, seen), done)
        self._applied.note(app.appid, change)

    def _batch(self, app: MiniProgram, last: int) -> Sequence[Row[int, str]]:
        """Return the next users. No transaction stays open: processing them takes time."""
        session = self._current_session()
        rows = session.execute(
            select(User.id, User.public_id)
            .where(User.app_id == app.id, User.id > last)
            .order_by(User.id)
            .limit(BATCH)
        ).all()
        session.commit()
        return rows
