"""Listing the live sessions of all users, and ending one."""

from __future__ import annotations

from wxlogin import errors
from wxlogin.accounts.personal_data import session_item
from wxlogin.admin.paging import Page, PageQuery, cursor
from wxlogin.admin.schemas import Ended
from wxlogin.admin.sessions.schemas import LiveItem
from wxlogin.errors import ApiError
from wxlogin.sessions import Session, SessionStore
from wxlogin.sessions.causes import Cause
from wxlogin.sessions.live import Entry, parse_handle
from wxlogin.watch.audit import Actor, Audit


def list_live(store: SessionStore, query: PageQuery) -> Page[LiveItem]:
    """Return a page of all live sessions, newest first; it may be short although more follow."""
    position = query.position(int, str)
    behind = Entry(int(position[0]), str(position[1])) if position else None
    found = store.live.page(query.limit, behind)
    return Page(
        items=[live_item(session) for session in found.sessions],
        next=cursor(found.last) if found.last else None,
    )


def end(audit: Audit, store: SessionStore, actor: Actor, session_id: str) -> Ended:
    """End one session; NOT_FOUND if it is not live."""
    meant = parse_handle(session_id)
    if meant is None:
        raise _not_live()
    user, sid = meant
    with audit.act(actor, "session.end", f"user:{user}", detail={"session": sid}):
        ended = store.end(user, "one", sid, Cause("kicked", actor.name))
        if not ended:
            raise _not_live()
    return Ended(ended=ended)


def live_item(session: Session) -> LiveItem:
    """Return a session as operators see it."""
    return LiveItem(**session_item(session))


def _not_live() -> ApiError:
    return ApiError(errors.NOT_FOUND, "No live session has this id.")
