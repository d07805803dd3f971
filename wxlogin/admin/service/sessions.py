"""What is shown of live sessions, and how one is ended."""

from __future__ import annotations

from wxlogin import errors
from wxlogin.admin.paging import Page, PageQuery, cursor
from wxlogin.admin.schemas.sessions import LiveItem
from wxlogin.admin.schemas.shared import Ended
from wxlogin.clock import iso
from wxlogin.engines import Engines
from wxlogin.errors import ApiError
from wxlogin.sessions import Session
from wxlogin.sessions.live import Entry, handle, named
from wxlogin.watch.audit import Actor


def live(engines: Engines, query: PageQuery) -> Page[LiveItem]:
    """A page of all live sessions, newest first; it may be short although another follows."""
    position = query.position(int, str)
    behind = Entry(int(position[0]), str(position[1])) if position else None
    found = engines.sessions.live.page(query.limit, behind)
    return Page(
        items=[live_item(session) for session in found.sessions],
        next=cursor(found.last) if found.last else None,
    )


def end(engines: Engines, actor: Actor, session_id: str) -> Ended:
    """End one session; NOT_FOUND where it does not live."""
    meant = named(session_id)
    if meant is None:
        raise _not_live()
    with engines.audit.act(actor, "session.end", f"user:{meant[0]}", detail={"session": meant[1]}):
        ended = engines.sessions.finish(meant[0], "one", meant[1])
        if not ended:
            raise _not_live()
    return Ended(ended=ended)


def live_item(session: Session) -> LiveItem:
    """A session as operators see it."""
    return LiveItem(
        id=handle(session.tag, session.sid),
        user=session.tag,
        app=session.app,
        platform=session.platform,
        device_name=session.name or None,
        ip=session.ip,
        region=session.region or None,
        created_at=iso(session.created),
        last_seen_at=iso(session.seen),
        expires_at=iso(session.expires),
        max_expires_at=iso(session.deadline),
    )


def _not_live() -> ApiError:
    return ApiError(errors.NOT_FOUND, "No live session has this id.")
