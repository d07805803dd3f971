"""A user's story, newest first: logins, how each session ended, events, and what operators did.

A page is merged from five queries, each in the order of an index. A session expires without anybody
telling: it has a login, no row that says how it ended, and it lives no more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from enum import IntEnum
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from wxlogin.clock import Clock, utc_now
from wxlogin.models import AuditEntry, LoginRecord, SecurityEvent, SessionEnd
from wxlogin.watch.events import Kind
from wxlogin.watch.session_end_sweeper import SessionEndSweeper

LOOKS = (
    "user.read",
    "user.read_avatar",
    "user.read_logins",
    "user.read_sessions",
    "user.read_timeline",
)
"""Acts that only looked at the user: each page of the story is one, and no part of it."""

Row = LoginRecord | SecurityEvent | SessionEnd | AuditEntry
At = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]


class Source(IntEnum):
    """Where an entry comes from; of one second, what is greater is newer."""

    LOGIN = 0
    EVENT = 1
    EXPIRED = 2
    END = 3
    ACT = 4


class Position(NamedTuple):
    """The place of an entry: Unix seconds, its source, the id of its row there."""

    at: int
    source: int
    row_id: int


class Entry(NamedTuple):
    """One entry; an expired session has the row of its login."""

    position: Position
    row: Row

    @property
    def at(self) -> datetime:
        """Return when it happened."""
        return datetime.fromtimestamp(self.position.at, UTC)


class TimelineSubject(NamedTuple):
    """The user of a timeline, and which of the sessions are alive."""

    row_id: int
    public_id: str
    live: Collection[str]


class Timeline:
    """Reads what is known of users over time."""

    def __init__(
        self, current_session: Callable[[], Session], end_sweeper: SessionEndSweeper, clock: Clock
    ) -> None:
        self._current_session = current_session
        self._end_sweeper = end_sweeper
        self._clock = clock

    def page(
        self, subject: TimelineSubject, limit: int, before: Position | None = None, *, acts: bool
    ) -> list[Entry]:
        """Return up to `limit` entries behind `before`, newest first; with `acts`, those too."""
        self.write_ends_of(subject.public_id)
        found = [
            *self._logins(subject, limit, before),
            *self._events(subject, limit, before),
            *self._expired(subject, limit, before),
            *self._ended(subject, limit, before),
            *(self._acts(subject, limit, before) if acts else ()),
        ]
        return sorted(found, key=lambda entry: entry.position, reverse=True)[:limit]

    def write_ends_of(self, user: str) -> None:
        """Write the ends of a user's sessions that any worker knows of, and that SQL lacks yet."""
        # No thread waits for a connection while it holds another.
        self._current_session().rollback()
        self._end_sweeper.write_of(user)

    def expiry(self, login: LoginRecord) -> Entry | None:
        """Return the end of a session that lives no more and that nobody ended, if it is over."""
        if login.expires_at is None or login.expires_at > utc_now(self._clock):
            return None
        return Entry(Position(int(login.expires_at.timestamp()), Source.EXPIRED, login.id), login)

    def latest_end(self, subject: TimelineSubject) -> Entry | None:
        """Return the latest entry of a session that ended, if one is known."""
        self.write_ends_of(subject.public_id)
        found = [*self._expired(subject, 1, None), *self._ended(subject, 1, None)]
        return max(found, key=lambda entry: entry.position, default=None)

    def list_ends(self, user_row: int, public_id: str) -> Sequence[SessionEnd]:
        """Return all that is known of how a user's sessions ended, newest first."""
        self.write_ends_of(public_id)
        ends = select(SessionEnd).where(SessionEnd.user_id == user_row)
        newest = ends.order_by(SessionEnd.at.desc(), SessionEnd.id.desc())
        return self._current_session().scalars(newest).all()

    def logins_of(self, sessions: Iterable[str]) -> dict[str, LoginRecord]:
        """Return the logins of sessions by their ids; a purged one is missing."""
        wanted = LoginRecord.session_id.in_(set(sessions))
        rows = self._current_session().scalars(select(LoginRecord).where(wanted))
        return {row.session_id: row for row in rows}

    def _logins(self, subject: TimelineSubject, limit: int, before: Position | None) -> list[Entry]:
        mine = (LoginRecord.user_id == subject.row_id,)
        return self._read(LoginRecord, LoginRecord.at, mine, Source.LOGIN, limit, before)

    def _events(self, subject: TimelineSubject, limit: int, before: Position | None) -> list[Entry]:
        others = SecurityEvent.kind != Kind.LOGIN_SUCCEEDED.value  # these are logins
        mine = SecurityEvent.user == subject.public_id, others
        return self._read(SecurityEvent, SecurityEvent.first_at, mine, Source.EVENT, limit, before)

    def _expired(
        self, subject: TimelineSubject, limit: int, before: Position | None
    ) -> list[Entry]:
        told = exists().where(SessionEnd.session_id == LoginRecord.session_id)
        mine = (
            LoginRecord.user_id == subject.row_id,
            LoginRecord.expires_at <= utc_now(self._clock),
            LoginRecord.session_id.not_in(subject.live),
            ~told,
        )
        return self._read(LoginRecord, LoginRecord.expires_at, mine, Source.EXPIRED, limit, before)

    def _ended(self, subject: TimelineSubject, limit: int, before: Position | None) -> list[Entry]:
        mine = (SessionEnd.user_id == subject.row_id,)
        return self._read(SessionEnd, SessionEnd.at, mine, Source.END, limit, before)

    def _acts(self, subject: TimelineSubject, limit: int, before: Position | None) -> list[Entry]:
        mine = (
            AuditEntry.target == f"user:{subject.public_id}",
            AuditEntry.outcome != "intent",
            AuditEntry.act.not_in(LOOKS),
        )
        return self._read(AuditEntry, AuditEntry.at, mine, Source.ACT, limit, before)

    def _read(
        self,
        model: type[Row],
        at: At,
        mine: Sequence[ColumnElement[bool]],
        source: Source,
        limit: int,
        before: Position | None,
    ) -> list[Entry]:
        query = (
            select(model, at)
            .where(*mine, *_older(model, at, source, before))
            .order_by(at.desc(), model.id.desc())
            .limit(limit)
        )
        rows = cast("Iterable[tuple[Row, datetime]]", self._current_session().execute(query))
        return [
            Entry(Position(int(moment.timestamp()), source, row.id), row) for row, moment in rows
        ]


def _older(
    model: type[Row], at: At, source: Source, before: Position | None
) -> list[ColumnElement[bool]]:
    """Return the condition for what stands behind a position in the whole story."""
    if before is None:
        return []
    moment = datetime.fromtimestamp(before.at, UTC)
    if source < before.source:
        return [at <= moment]
    if source > before.source:
        return [at < moment]
    return [at <= moment, or_(at < moment, model.id < before.row_id)]
