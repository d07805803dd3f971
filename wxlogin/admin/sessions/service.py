"""Listing the live sessions of all users, and ending one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address

from wxlogin import errors
from wxlogin.accounts.personal_data import session_item
from wxlogin.admin.paging import Part, Position
from wxlogin.admin.schemas import Ended
from wxlogin.admin.sessions.schemas import LiveItem, SessionQuery, TimedSessionQuery
from wxlogin.errors import ApiError
from wxlogin.sessions import Session, SessionStore
from wxlogin.sessions.causes import Cause
from wxlogin.sessions.live import Entry, parse_handle
from wxlogin.watch import geo
from wxlogin.watch.audit import Actor, Audit


def list_live(
    store: SessionStore, query: SessionQuery, limit: int, after: Position | None
) -> Part[LiveItem]:
    """Return up to `limit` live sessions, newest first, that the query asks for.

    There may be fewer although more follow.
    """
    since, until = _bounds(query)
    behind = Entry(int(after[0]), str(after[1])) if after else _end(until)
    found = store.live.page(limit, behind, _wanted(query))
    items = [live_item(session) for session in found.sessions]
    return Part(items, None if _is_past(found.last, since) else found.last)


def count_live(store: SessionStore, query: SessionQuery) -> int | None:
    """Return how many sessions live at most; None where a filter would have to be counted."""
    asked = query.model_dump(exclude={"limit", "cursor"}, exclude_none=True)
    return None if asked else store.live.count()


def _bounds(query: SessionQuery) -> tuple[datetime | None, datetime | None]:
    return (query.since, query.until) if isinstance(query, TimedSessionQuery) else (None, None)


def _end(until: datetime | None) -> Entry | None:
    """Return the entry behind which the sessions begin that began before a time."""
    return Entry(int(until.timestamp() * 1000), "") if until else None


def _is_past(last: Entry | None, since: datetime | None) -> bool:
    return bool(last and since and last.at < since.timestamp() * 1000)


def _wanted(query: SessionQuery) -> Callable[[Session], bool] | None:
    """Return what tells whether the query asks for a session, None if it asks for all."""
    tests: list[Callable[[Session], bool]] = []
    if query.app is not None:
        tests.append(lambda session: session.app == query.app)
    if since := _bounds(query)[0]:
        began = since.timestamp() * 1000
        tests.append(lambda session: session.created >= began)
    if query.platform is not None:
        tests.append(lambda session: session.platform == query.platform)
    if (region := query.region) is not None:
        tests.append(lambda session: _is_called(session.region, region))
    if (network := query.address) is not None:
        tests.append(lambda session: _is_in(session.ip, network))
    return (lambda session: all(test(session) for test in tests)) if tests else None


def _is_called(region: str, part: str) -> bool:
    """Return whether a region has this in it, as it is stored or as English pages show it."""
    return part in region or part.casefold() in geo.in_english(region).casefold()


def _is_in(address: str, network: IPv4Network | IPv6Network) -> bool:
    try:
        return ip_address(address) in network
    except ValueError:
        return False


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


def end_each(audit: Audit, store: SessionStore, actor: Actor, handles: Iterable[str]) -> Ended:
    """End these sessions, each in an act of its own; one that is not live is passed over."""
    ended = 0
    for user, sid in filter(None, map(parse_handle, handles)):
        with audit.act(actor, "session.end", f"user:{user}", detail={"session": sid}) as act:
            one = store.end(user, "one", sid, Cause("kicked", actor.name))
            act.detail |= {"session": sid, "ended": one}
        ended += one
    return Ended(ended=ended)


def live_item(session: Session) -> LiveItem:
    """Return a session as operators see it."""
    return LiveItem(**session_item(session))


def _not_live() -> ApiError:
    return ApiError(errors.NOT_FOUND, "No live session has this id.")
