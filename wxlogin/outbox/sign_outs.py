"""Tells of sessions that were signed out, in the transaction that writes how they ended."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from wxlogin.outbox.event_types import EventType
from wxlogin.outbox.outbox import Outbox, event_row
from wxlogin.outbox.subjects import about_users
from wxlogin.sessions.end_notes import EndedSession


def tell_sign_outs(connection: Connection, outbox: Outbox, ended: Sequence[EndedSession]) -> None:
    """Write an event of each end, in the caller's transaction, if anybody wants it.

    A session ends once, so its id is that of the event too: who tells it again changes nothing. Of
    a user who was erased meanwhile nothing is told.
    """
    if not ended or not outbox.is_wanted(connection, EventType.USER_LOGGED_OUT):
        return
    abouts = about_users(connection, {one.user for one in ended})
    rows = [
        event_row(EventType.USER_LOGGED_OUT, one.at, about, {"session": one.session})
        | {"public_id": f"msg_{one.session}"}
        for one in ended
        if (about := abouts.get(one.user))
    ]
    outbox.add_new(connection, rows)
