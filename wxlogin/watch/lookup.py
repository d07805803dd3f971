"""Finds what an id means that an operator was told: of a session, of a request, an address.

Each is found whole, by an index.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from wxlogin.models import AuditEntry, LoginRecord, SecurityEvent, SessionEnd, User
from wxlogin.watch.addresses import Addresses
from wxlogin.watch.events import Kind
from wxlogin.watch.timeline import Entry, Position, Row, Source

MOST = 20
"""How many rows of a kind are shown of one request or address."""

Model = type[LoginRecord] | type[SecurityEvent] | type[SessionEnd] | type[AuditEntry]
Moment = InstrumentedAttribute[Any]


class FoundSession(NamedTuple):
    """A session whose login or end is on record: whose it is, and both where they are there."""

    user: str
    login: LoginRecord | None
    end: SessionEnd | None


class Found(NamedTuple):
    """What belongs to a request or an address, newest first, and whom each entry concerns."""

    entries: list[Entry]
    whose: list[str | None]

    @property
    def users(self) -> list[str]:
        """Return the users whom it concerns."""
        return sorted({user for user in self.whose if user})


class Lookup:
    """Reads logins, ends of sessions, events and acts by what they are told of."""

    def __init__(self, current_session: Callable[[], Session], addresses: Addresses) -> None:
        self._current_session = current_session
        self._addresses = addresses

    def session(self, sid: str) -> FoundSession | None:
        """Return a session, alive or ended; None if nothing of it is on record."""
        session = self._current_session()
        login = session.scalar(select(LoginRecord).where(LoginRecord.session_id == sid))
        end = session.scalar(select(SessionEnd).where(SessionEnd.session_id == sid))
        known = login or end
        if known is None:
            return None
        user = session.scalar(select(User.public_id).where(User.id == known.user_id))
        return FoundSession(user, login, end) if user else None

    def request(self, request_id: str, *, acts: bool) -> Found:
        """Return what a request did; with `acts`, those too."""
        entries = [
            *self._rows(LoginRecord, LoginRecord.at, Source.LOGIN, request_id),
            *self._rows(SecurityEvent, SecurityEvent.first_at, Source.EVENT, request_id),
            *self._rows(SessionEnd, SessionEnd.at, Source.END, request_id),
        ]
        if acts:
            finished = AuditEntry.outcome != "intent"
            entries += self._rows(AuditEntry, AuditEntry.at, Source.ACT, request_id, finished)
        return self._found(entries)

    def address(self, address: str) -> Found:
        """Return the latest logins from an address, and the events about it."""
        subject = self._addresses.subject(address)
        about = (
            # The kinds are given: the index that finds a subject begins with the kind.
            SecurityEvent.kind.in_([kind.value for kind in Kind]),
            SecurityEvent.subject == subject,
        )
        return self._found(
            [
                *self._read(
                    LoginRecord, LoginRecord.at, Source.LOGIN, (LoginRecord.ip == address,)
                ),
                *self._read(SecurityEvent, SecurityEvent.first_at, Source.EVENT, about),
            ]
        )

    def _rows(
        self,
        model: Model,
        at: Moment,
        source: Source,
        request_id: str,
        *also: ColumnElement[bool],
    ) -> list[Entry]:
        return self._read(model, at, source, (model.request_id == request_id, *also))

    def _read(
        self, model: Model, at: Moment, source: Source, where: Sequence[ColumnElement[bool]]
    ) -> list[Entry]:
        query = select(model).where(*where).order_by(at.desc(), model.id.desc()).limit(MOST)
        rows = cast("Iterable[Row]", self._current_session().scalars(query))
        return [
            Entry(Position(int(getattr(row, at.key).timestamp()), source, row.id), row)
            for row in rows
        ]

    def _found(self, entries: list[Entry]) -> Found:
        newest = sorted(entries, key=lambda entry: entry.position, reverse=True)
        row_ids = {
            entry.row.user_id
            for entry in entries
            if isinstance(entry.row, LoginRecord | SessionEnd)
        }
        users = self._public_ids(row_ids)
        return Found(newest, [_whose(entry, users) for entry in newest])

    def _public_ids(self, row_ids: Collection[int]) -> dict[int, str]:
        users = select(User.id, User.public_id).where(User.id.in_(row_ids))
        return dict(self._current_session().execute(users).all()) if row_ids else {}


def _whose(entry: Entry, users: Mapping[int, str]) -> str | None:
    """Return the user of a login or an end, by the row's id, or whom an event or an act names."""
    if isinstance(entry.row, LoginRecord | SessionEnd):
        return users.get(entry.row.user_id)
    if isinstance(entry.row, SecurityEvent):
        return entry.row.user
    if isinstance(entry.row, AuditEntry):
        kind, _, name = entry.row.target.partition(":")
        return name if kind == "user" else None
    return None
