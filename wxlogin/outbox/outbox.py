"""The outbox: events are written in the transaction of the act that they tell.

    outbox.refresh()
    outbox.add(session, EventType.USER_BANNED, About(user=public_id, app=appid), {"until": None})
    session.commit()

After the commit the dispatcher of some worker sends it; if the transaction is rolled back, nothing
was told. Nothing is written while nobody wants the type: neither an endpoint nor a receiver of the
signal.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from wxlogin.clock import Clock, milliseconds, utc_now
from wxlogin.database import insert_new
from wxlogin.models import WebhookDelivery, WebhookEvent
from wxlogin.outbox.event_types import About, EventType, Json, body, with_data
from wxlogin.outbox.subscriptions import Subscriptions, Transaction

NO_DATA: Mapping[str, Json] = {}
LOGIN_TYPES = (
    EventType.USER_LOGGED_IN,
    EventType.SESSION_REPLACED,
    EventType.SESSION_EVICTED,
)
"""What a login tells: itself, and the sessions that it ended."""
HOLD = timedelta(seconds=10)
"""How long an event waits for what is asked at WeChat: a worker that dies holds it no longer."""
HELD = "held"
"""The lease of an event that waits so: whoever routes takes it for another worker's."""


class Outbox:
    """Writes events for the dispatcher."""

    def __init__(
        self, subscriptions: Subscriptions, clock: Clock, wake: Callable[[], None] = lambda: None
    ) -> None:
        """`wake` is called when there is something to dispatch once the caller has committed."""
        self._subscriptions = subscriptions
        self._clock = clock
        self._wake = wake

    def refresh(self) -> None:
        """Learn who wants what, at most once a second; call it before the act's transaction."""
        self._subscriptions.refresh()

    def is_wanted(self, sql: Transaction, type_: EventType) -> bool:
        """Return whether anybody wants events of a type; this costs nothing unless they changed."""
        return self._subscriptions.is_wanted(sql, type_)

    def is_surely_unwanted(self, *types: EventType) -> bool:
        """Return whether nobody wants any of these types, by what is known without a round trip."""
        return all(self._subscriptions.is_surely_unwanted(type_) for type_ in types)

    def add(
        self,
        sql: Transaction,
        type_: EventType,
        about: About,
        data: Mapping[str, Json] = NO_DATA,
        *,
        session: str | None = None,
        held: bool = False,
    ) -> bool:
        """Write an event in the caller's transaction, if anybody wants it; return whether it did.

        `data` holds further members of the body's `data`: no openid, unionid, phone or token. With
        the id of a `session` that is about to be created, the event is told once Redis has that
        session, and never if it does not come to be. So are those that tell which sessions it
        ended.

        One that is `held` waits for `complete`, HOLD at most, and so do later events of the user.
        """
        types = LOGIN_TYPES if session else (type_,)
        if not any(self.is_wanted(sql, one) for one in types):
            return False
        row = event_row(type_, milliseconds(self._clock), about, data)
        if held:
            row |= {"due_at": row["due_at"] + HOLD, "lease": HELD}
        sql.execute(insert(WebhookEvent).values(**row, session=session))
        self._wake()
        return True

    def add_new(self, sql: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows of `event_row`, in the caller's transaction, without those that are there."""
        if rows:
            sql.execute(insert_new(sql.dialect.name, WebhookEvent, "public_id"), rows)
            self._wake()

    def complete(
        self, sql: Transaction, type_: EventType, user: str, data: Mapping[str, Json]
    ) -> None:
        """Put `data` into the held event of a user and let it go, in the caller's transaction.

        One that waited too long was told without.
        """
        own = WebhookEvent.user == user, WebhookEvent.type == type_, WebhookEvent.lease == HELD
        for row in sql.execute(select(WebhookEvent.id, WebhookEvent.body).where(*own)).all():
            now = utc_now(self._clock)
            change = update(WebhookEvent).where(WebhookEvent.id == row.id, *own)
            sql.execute(change.values(body=with_data(row.body, data), due_at=now, lease=None))
            self._wake()

    def withdraw(self, sql: Transaction, session: str) -> None:
        """Delete the event that awaits a session, in the caller's transaction: it was refused."""
        sql.execute(delete(WebhookEvent).where(WebhookEvent.session == session))

    def forget(self, sql: Transaction, user: str) -> None:
        """Delete all events of a user and their deliveries, in the transaction of an erasure."""
        # In the order in which the router locks: deliveries that it is writing are found then.
        sql.execute(delete(WebhookEvent).where(WebhookEvent.user == user))
        sql.execute(delete(WebhookDelivery).where(WebhookDelivery.user == user))


def event_row(
    type_: str, at_ms: int, about: About, data: Mapping[str, Json], *, due: bool = True
) -> dict[str, Any]:
    """Return the columns of an event that happened at a Unix ms, with a fresh `webhook-id`."""
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return {
        "public_id": f"msg_{secrets.token_urlsafe(16)}",
        "type": str(type_),
        "user": about.user,
        "app": about.app,
        "at": moment,
        "at_ms": at_ms,
        "body": body(type_, at_ms / 1000, about, data),
        "due_at": moment if due else None,
    }
