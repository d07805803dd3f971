"""Turns events into deliveries, one for each endpoint that wants them.

A login writes its event before its session is created, so that no event is lost with a worker. The
event waits here until Redis shows whether the session came to be, and which others it ended.

Events of one user become deliveries in the order in which they happened. A sign-out that a killed
worker left in Redis is written when something of the same user is to be told, and goes first if it
was first.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import Connection, Engine, Row, delete, insert, or_, select, update

from wxlogin.clock import Clock, utc_now
from wxlogin.database import lock_rows
from wxlogin.models import WebhookDelivery, WebhookEvent
from wxlogin.outbox import signals
from wxlogin.outbox.claims import EPOCH
from wxlogin.outbox.event_types import EventType
from wxlogin.outbox.replacement_events import replacement_events, with_replacement_events
from wxlogin.outbox.subscriptions import Subscription, Subscriptions
from wxlogin.sessions.login_outcomes import LoginOutcomes
from wxlogin.sessions.replies import LoginOutcome

BATCH = 200
LEASE = timedelta(seconds=60)
CREATION = timedelta(seconds=60)
"""A session that is not there so long after its login was recorded never will be."""

NO_SESSION = LoginOutcome(created=True, replaced=[], evicted=[])
"""Of an event that awaits no session."""

Place = tuple[int, int]
"""Where an event stands among those of its user: by when it happened, then by when it was written.
"""

logger = logging.getLogger(__name__)


@dataclass
class Sorted:
    """A batch of events: to be told now, to look at again, never to be told.

    `replacements` are the events of the sessions that a login ended, by the row id of its event.
    """

    ready: list[Row[Any]] = field(default_factory=list)
    later: list[Row[Any]] = field(default_factory=list)
    void: list[Row[Any]] = field(default_factory=list)
    replacements: dict[int, list[dict[str, Any]]] = field(default_factory=dict)


class Router:
    """Routes the events that are due; of several workers, one routes each."""

    def __init__(
        self,
        sql: Engine,
        clock: Clock,
        subscriptions: Subscriptions,
        outcomes: LoginOutcomes,
    ) -> None:
        """Route nothing yet."""
        self.write_sign_outs: Callable[[Collection[str]], bool] = lambda _users: True
        """Writes the sign-outs of users that killed workers left; returns False if that cannot be
        known. The watch sets it."""
        self._sql = sql
        self._clock = clock
        self._subscriptions = subscriptions
        self._login_outcomes = outcomes

    def run(self) -> bool:
        """Route all events that are due; return whether some have to be looked at again soon."""
        self._subscriptions.refresh()
        last, again = 0, False
        while batch := self._claim(last):
            found = self._sort(batch)
            self._store(found)
            last, again = batch[-1].id, again or bool(found.later)
        return again

    def _claim(self, last: int) -> list[Row[Any]]:
        """Claim the next events after a row id, in their order."""
        lease, now = secrets.token_urlsafe(16), utc_now(self._clock)
        due = WebhookEvent.due_at <= now
        with self._sql.begin() as connection:
            following = select(WebhookEvent.id).where(due, WebhookEvent.id > last)
            ids = connection.scalars(following.order_by(WebhookEvent.id).limit(BATCH)).all()
            lock_rows(connection, WebhookEvent, WebhookEvent.id.in_(ids), due)
            claim = update(WebhookEvent).where(WebhookEvent.id.in_(ids), due)
            connection.execute(claim.values(lease=lease, due_at=now + LEASE))
            mine = select(WebhookEvent.__table__).where(WebhookEvent.lease == lease)
            rows = connection.execute(mine.order_by(WebhookEvent.id)).all()
        # Another worker may have been faster, with all of them.
        return list(rows) if rows or not ids else self._claim(max(ids))

    def _sort(self, batch: Sequence[Row[Any]]) -> Sorted:
        found, waiting = Sorted(), self._users_unknown(batch)
        outcomes = self._find_outcomes([row for row in batch if row.user not in waiting])
        earlier = self._earlier(batch)
        for place, row in sorted((_place(row.at_ms, row.id), row) for row in batch):
            outcome = outcomes.get(row.session) if row.session else NO_SESSION
            if row.user in waiting or earlier.get(row.user, place) < place:
                waiting.add(row.user)
                found.later.append(row)
            elif outcome and outcome.created:
                found.ready.append(row)
                found.replacements[row.id] = replacement_events(row, outcome)
            elif outcome and row.at + CREATION < utc_now(self._clock):
                found.void.append(row)
            else:
                waiting.add(row.user)
                found.later.append(row)
        return found

    def _find_outcomes(self, batch: Sequence[Row[Any]]) -> dict[str, LoginOutcome]:
        """Return the outcomes by session; none while Redis is out."""
        refs = [(row.user, row.session) for row in batch if row.session]
        try:
            outcomes = self._login_outcomes.find(refs) if refs else []
        except RedisError as fault:
            logger.warning("logins wait for Redis to be told: %s", type(fault).__name__)
            return {}
        return {sid: outcome for (_, sid), outcome in zip(refs, outcomes, strict=True)}

    def _users_unknown(self, batch: Sequence[Row[Any]]) -> set[str | None]:
        """Return the users of whom something that happened earlier may be missing yet."""
        users = {row.user for row in batch if row.user}
        if not users or self._subscriptions.is_surely_unwanted(EventType.USER_LOGGED_OUT):
            return set()
        return set() if self.write_sign_outs(users) else users

    def _earlier(self, batch: Sequence[Row[Any]]) -> dict[str | None, Place]:
        """Return the places of the first events, by user, that others have or nobody claimed."""
        event = WebhookEvent
        others = (
            select(event.user, event.at_ms, event.id)
            .where(event.user.in_({row.user for row in batch if row.user}))
            .where(event.due_at > EPOCH)
            .where(or_(event.lease.is_(None), event.lease != batch[0].lease))
        )
        with self._sql.connect() as connection:
            found = [(_place(row.at_ms, row.id), row.user) for row in connection.execute(others)]
        return {user: place for place, user in sorted(found, reverse=True)}

    def _store(self, found: Sorted) -> None:
        """Write the deliveries and what becomes of each event, unless the lease is lost."""
        with self._sql.begin() as connection:
            recipients = [*self._subscriptions.enabled(connection), signals.subscription()]
            mine = _still_mine(connection, [*found.ready, *found.void, *found.later])
            ready = [row for row in found.ready if row.id in mine]
            told = with_replacement_events(connection, ready, found.replacements, recipients)
            deliveries = [d for row in told for d in self._deliveries(row, recipients)]
            if deliveries:
                connection.execute(insert(WebhookDelivery), deliveries)
            wanted = {delivery["event_id"] for delivery in deliveries}
            _finish(connection, [row.id for row in ready if row.id in wanted], due_at=None)
            gone = [row.id for row in ready if row.id not in wanted]
            gone += [row.id for row in found.void if row.id in mine]
            connection.execute(delete(WebhookEvent).where(WebhookEvent.id.in_(gone)))
            later = [row.id for row in found.later if row.id in mine]
            _finish(connection, later, due_at=utc_now(self._clock))
        refs = [(row.user, row.session) for row in found.ready if row.session]
        self._login_outcomes.forget(refs)

    def _deliveries(
        self, row: Row[Any], recipients: Sequence[Subscription]
    ) -> list[dict[str, Any]]:
        now = utc_now(self._clock)
        return [
            {
                "event_id": row.id,
                "endpoint_id": endpoint.id,
                "user": row.user,
                "at": row.at,
                "began_at": now,
                "attempts": 0,
                "next_at": now,
            }
            for endpoint in recipients
            if endpoint.wants(row.type, row.app)
        ]


def _place(at_ms: int | None, row_id: int) -> Place:
    return at_ms or 0, row_id


def _still_mine(connection: Connection, rows: Sequence[Row[Any]]) -> set[int]:
    """Lock the claimed events that no other worker has taken over; return their ids."""
    mine = WebhookEvent.id.in_([row.id for row in rows]), WebhookEvent.lease == rows[0].lease
    lock_rows(connection, WebhookEvent, *mine)
    return set(connection.scalars(select(WebhookEvent.id).where(*mine)))


def _finish(connection: Connection, ids: Sequence[int], due_at: datetime | None) -> None:
    """Give up the claim; an event that is not due again has waited for its session."""
    columns: dict[str, Any] = {"due_at": due_at, "lease": None}
    if due_at is None:
        columns["session"] = None
    connection.execute(update(WebhookEvent).where(WebhookEvent.id.in_(ids)).values(**columns))
