"""A user's story as operators read it: what happened, when, by whom and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from wxlogin.accounts import UserDirectory
from wxlogin.accounts.user_directory import UserProfile
from wxlogin.admin.paging import Page, PageQuery, page
from wxlogin.admin.times import iso_time
from wxlogin.admin.users.schemas import TimelineItem
from wxlogin.admin.users.service import LAST_SECOND
from wxlogin.models import AuditEntry, LoginRecord, SecurityEvent, SessionEnd
from wxlogin.sessions import SessionStore
from wxlogin.watch.events import get_severity
from wxlogin.watch.timeline import Entry, Position, Source, Timeline, TimelineSubject

Logins = Mapping[str, LoginRecord]
"""The logins of the sessions that a page names, by their ids."""


def list_timeline(
    timeline: Timeline,
    directory: UserDirectory,
    store: SessionStore,
    user_id: str,
    query: PageQuery,
    *,
    acts: bool,
) -> Page[TimelineItem]:
    """Return a page of a user's story, newest first; NOT_FOUND for an unknown id.

    `acts` are what operators did, for whom may read the audit trail.
    """
    position = query.position(int, int, int)
    before = None
    if position:
        at, source, row_id = map(int, position)
        before = Position(min(at, LAST_SECOND), source, row_id)
    subject = _subject(directory.get(user_id), store)
    entries = timeline.page(subject, query.limit + 1, before, acts=acts)
    logins = timeline.logins_of(sessions_named(entries))
    return page(
        entries, query.limit, lambda entry: story_item(entry, logins), lambda entry: entry.position
    )


def latest_end(
    timeline: Timeline, directory: UserDirectory, store: SessionStore, user_id: str
) -> TimelineItem | None:
    """Return how the user's session ended that ended last; None if nothing is known of one."""
    entry = timeline.latest_end(_subject(directory.get(user_id), store))
    return story_item(entry, timeline.logins_of(sessions_named([entry]))) if entry else None


def _subject(user: UserProfile, store: SessionStore) -> TimelineSubject:
    return TimelineSubject(user.row_id, user.id, [session.sid for session in store.list(user.id)])


def sessions_named(entries: Iterable[Entry]) -> set[str]:
    """Return the ids of the sessions that ended, and of those whose logins ended them."""
    rows = [entry.row for entry in entries if isinstance(entry.row, SessionEnd)]
    return {sid for row in rows for sid in (row.session_id, row.by)}


def story_item(entry: Entry, logins: Logins) -> TimelineItem:
    """Return an entry as the API shows it, with the devices of the sessions it names."""
    place = {
        "id": f"{Source(entry.position.source).name.lower()}-{entry.row.id}",
        "at": iso_time(entry.at),
    }
    match entry.row:
        case LoginRecord():
            item = (
                _expired(entry.row)
                if entry.position.source == Source.EXPIRED
                else _login(entry.row)
            )
        case SessionEnd():
            item = _ended(entry.row, logins)
        case SecurityEvent():
            item = _event(entry.row)
        case AuditEntry():
            item = _act(entry.row)
    return TimelineItem.model_validate({**place, **item})


def _login(row: LoginRecord) -> dict[str, object]:
    return {
        "kind": "login",
        **_device(row),
        "session": row.session_id,
        "request_id": row.request_id,
        "ip": row.ip,
        "region": row.region,
    }


def _expired(row: LoginRecord) -> dict[str, object]:
    latest = iso_time(row.last_at) if row.last_at else None
    ended = {"kind": "session_ended", "session": row.session_id, "why": "expired"}
    return {**ended, **_device(row), "not_after": latest}


def _ended(row: SessionEnd, logins: Logins) -> dict[str, object]:
    by = logins.get(row.by)
    return {
        "kind": "session_ended",
        **_device(logins.get(row.session_id)),
        "session": row.session_id,
        "why": row.why,
        "by": row.by or None,
        "by_platform": by.platform if by else None,
        "by_device_name": (by.device_name or None) if by else None,
        "reason": row.reason or None,
        "request_id": row.request_id or None,
    }


def _event(row: SecurityEvent) -> dict[str, object]:
    return {
        "kind": "event",
        "request_id": row.request_id or None,
        "event": row.kind,
        "severity": get_severity(row.kind),
        "count": row.count,
        "ip": row.address or None,
        "detail": json.loads(row.detail),
    }


def _act(row: AuditEntry) -> dict[str, object]:
    detail = json.loads(row.detail)
    return {
        "kind": "act",
        "session": detail.pop("session", None),
        "by": row.actor,
        "reason": row.reason or None,
        "request_id": row.request_id or None,
        "act": row.act,
        "outcome": row.outcome,
        "detail": detail,
    }


def _device(row: LoginRecord | None) -> dict[str, object]:
    if row is None:
        return {}
    return {"platform": row.platform, "device_name": row.device_name or None}
