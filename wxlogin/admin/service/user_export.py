"""Everything that is held of a user, opened, for the person who asks what that is."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from wxlogin.accounts.people import Person
from wxlogin.admin.schemas.users import Export
from wxlogin.admin.service.sessions import live_item
from wxlogin.admin.service.times import iso_time
from wxlogin.admin.service.user_acts import target
from wxlogin.admin.service.users import ban_shown, login
from wxlogin.clock import iso, milliseconds
from wxlogin.engines import Engines
from wxlogin.extensions import db
from wxlogin.models import Alert, AuditEntry, SecurityEvent
from wxlogin.watch.audit import Actor


def export(engines: Engines, actor: Actor, user: str) -> Export:
    """All of a user; NOT_FOUND for an unknown id."""
    person = engines.people.get(user)
    with engines.audit.act(actor, "user.export", target(user)):
        return Export(
            exported_at=iso(milliseconds(engines.clock)),
            user=_kept(person),
            sessions=[live_item(session).model_dump() for session in engines.sessions.list(user)],
            logins=[login(row) for row in engines.people.logins(person)],
            events=_events(user),
            alerts=_alerts(user),
            acts=_acts(user),
        )


def _kept(person: Person) -> dict[str, Any]:
    ban = ban_shown(person.ban)
    return {
        "id": person.id,
        "app": person.appid,
        "openid": person.openid,
        "unionid": person.unionid,
        "phone": person.phone,
        "profile": person.profile,
        "ban": ban.model_dump() if ban else None,
        "created_at": iso_time(person.created_at),
        "last_login_at": iso_time(person.last_login_at),
    }


def _events(user: str) -> list[dict[str, Any]]:
    """What was seen of the user, newest first."""
    wanted = select(SecurityEvent).where(SecurityEvent.user == user)
    return [
        {
            "kind": row.kind,
            "count": row.count,
            "first_at": iso_time(row.first_at),
            "last_at": iso_time(row.last_at),
            "address": row.address,
            "detail": json.loads(row.detail),
        }
        for row in db.session.scalars(wanted.order_by(SecurityEvent.id.desc()))
    ]


def _alerts(user: str) -> list[dict[str, Any]]:
    """Alerts that were raised about the user, newest first."""
    wanted = select(Alert).where(Alert.subject == user).order_by(Alert.id.desc())
    return [{"rule": row.rule, "at": iso_time(row.at)} for row in db.session.scalars(wanted)]


def _acts(user: str) -> list[dict[str, Any]]:
    """What operators did to the user, newest first."""
    wanted = select(AuditEntry).where(AuditEntry.target == target(user))
    return [
        {"act": row.act, "outcome": row.outcome, "reason": row.reason, "at": iso_time(row.at)}
        for row in db.session.scalars(wanted.order_by(AuditEntry.id.desc()))
    ]
