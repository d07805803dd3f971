"""Everything that is stored of a user, opened, for the person who asks for it.

WeChat's session_key is not among it: it is a key, and no fact about the person.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from wxlogin.accounts.bans import Ban
from wxlogin.accounts.user_directory import UserDirectory, UserProfile
from wxlogin.clock import Clock, iso, iso_time, milliseconds
from wxlogin.models import Alert, AuditEntry, LoginRecord, SecurityEvent, SessionEnd, WebhookEvent
from wxlogin.sessions import Session, SessionStore
from wxlogin.sessions.live import handle

Item = dict[str, Any]
"""The fields of an answer."""


class Records(NamedTuple):
    """Return what the watch has written down of a user."""

    ends: Callable[[UserProfile], Sequence[SessionEnd]]
    events: Callable[[str], Sequence[SecurityEvent]]
    alerts: Callable[[str], Sequence[Alert]]
    acts: Callable[[str], Sequence[AuditEntry]]
    webhooks: Callable[[str], Sequence[WebhookEvent]]


@dataclass(frozen=True)
class PersonalDataExport:
    """All that is stored of a user, as answers have it."""

    exported_at: str
    user: Item = field(repr=False)
    sessions: list[Item] = field(repr=False)
    logins: list[Item] = field(repr=False)
    session_ends: list[Item] = field(repr=False)
    events: list[Item] = field(repr=False)
    alerts: list[Item] = field(repr=False)
    acts: list[Item] = field(repr=False)
    webhooks: list[Item] = field(repr=False)


class PersonalData:
    """Collects what is stored of a user, in SQL and in Redis."""

    def __init__(
        self, directory: UserDirectory, sessions: SessionStore, records: Records, clock: Clock
    ) -> None:
        self._directory = directory
        self._sessions = sessions
        self._records = records
        self._clock = clock

    def collect(self, public_id: str) -> PersonalDataExport:
        """Return everything of a user; UserNotFound if there is none."""
        user = self._directory.get(public_id)
        return PersonalDataExport(
            exported_at=iso(milliseconds(self._clock)),
            user=_user(user),
            sessions=[session_item(session) for session in self._sessions.list(public_id)],
            logins=[login_item(row) for row in self._directory.list_logins(user)],
            session_ends=[_end(row) for row in self._records.ends(user)],
            events=[_event(row) for row in self._records.events(public_id)],
            alerts=[_alert(row) for row in self._records.alerts(public_id)],
            acts=[_act(row) for row in self._records.acts(public_id)],
            webhooks=[_told(row) for row in self._records.webhooks(public_id)],
        )


def session_item(session: Session) -> Item:
    """Return the fields of a live session."""
    return {
        "id": handle(session.user, session.sid),
        "user": session.user,
        "app": session.app,
        "platform": session.platform,
        "device_name": session.name or None,
        "ip": session.ip,
        "region": session.region or None,
        "created_at": iso(session.created),
        "last_seen_at": iso(session.seen),
        "expires_at": iso(session.expires),
        "max_expires_at": iso(session.deadline),
    }


def login_item(row: LoginRecord) -> Item:
    """Return the fields of a login of the history."""
    return {
        "id": str(row.id),
        "at": iso_time(row.at),
        "session": row.session_id,
        "ip": row.ip,
        "region": row.region,
        "platform": row.platform,
        "device_name": row.device_name or None,
    }


def ban_item(ban: Ban) -> Item:
    """Return the fields of a ban."""
    return {"reason": ban.reason, "until": iso_time(ban.until) if ban.until else None}


def _user(user: UserProfile) -> Item:
    return {
        "id": user.id,
        "app": user.appid,
        "person": user.person,
        "external_id": user.external_id,
        "openid": user.openid,
        "unionid": user.unionid,
        "phone": user.phone,
        "profile": user.profile,
        "risk_rank": user.risk_rank,
        "ban": ban_item(user.ban) if user.ban else None,
        "created_at": iso_time(user.created_at),
        "last_login_at": iso_time(user.last_login_at),
    }


def _event(row: SecurityEvent) -> Item:
    return {
        "kind": row.kind,
        "count": row.count,
        "first_at": iso_time(row.first_at),
        "last_at": iso_time(row.last_at),
        "address": row.address,
        "detail": json.loads(row.detail),
    }


def _end(row: SessionEnd) -> Item:
    return {
        "session": row.session_id,
        "why": row.why,
        "reason": row.reason,
        "at": iso_time(row.at),
        "request_id": row.request_id,
    }


def _alert(row: Alert) -> Item:
    return {"rule": row.rule, "at": iso_time(row.at)}


def _act(row: AuditEntry) -> Item:
    return {"act": row.act, "outcome": row.outcome, "reason": row.reason, "at": iso_time(row.at)}


def _told(row: WebhookEvent) -> Item:
    return {"id": row.public_id, **json.loads(row.body)}
