"""The export of everything that is stored of a user, unmasked, for the person who asks for it."""

from __future__ import annotations

import json
from typing import Any

from wxlogin.accounts import UserDirectory
from wxlogin.accounts.user_directory import UserProfile
from wxlogin.admin.lookup_limits import Requester, hit_lookup_limit
from wxlogin.admin.sessions.service import live_item
from wxlogin.admin.times import iso_time
from wxlogin.admin.users.actions import target
from wxlogin.admin.users.schemas import Export
from wxlogin.admin.users.service import ban_shown, login
from wxlogin.clock import Clock, iso, milliseconds
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.models import Alert, AuditEntry, SecurityEvent
from wxlogin.services import Watch
from wxlogin.sessions import SessionStore
from wxlogin.watch.audit_acts import ActFilter
from wxlogin.watch.event_log import EventFilter


def export(
    watch: Watch,
    rates: RateLimits,
    directory: UserDirectory,
    store: SessionStore,
    clock: Clock,
    who: Requester,
    user_id: str,
) -> Export:
    """Return everything of a user; NOT_FOUND for an unknown id.

    This counts towards the limit of `who`.
    """
    recorder = watch.recorder
    hit_lookup_limit(rates, recorder, "export", who)
    user = directory.get(user_id)
    acts = ActFilter(target=target(user_id))
    with watch.audit.act(who.actor, "user.export", target(user_id)):
        return Export(
            exported_at=iso(milliseconds(clock)),
            user=_user(user),
            sessions=[live_item(session).model_dump() for session in store.list(user_id)],
            logins=[login(row) for row in directory.list_logins(user)],
            events=[_event(row) for row in recorder.log.page(wanted=EventFilter(user=user_id))],
            alerts=[_alert(row) for row in recorder.alerts.latest(subject=user_id)],
            acts=[_act(one.entry) for one in watch.acts.page(wanted=acts)],
        )


def _user(user: UserProfile) -> dict[str, Any]:
    ban = ban_shown(user.ban)
    return {
        "id": user.id,
        "app": user.appid,
        "openid": user.openid,
        "unionid": user.unionid,
        "phone": user.phone,
        "profile": user.profile,
        "ban": ban.model_dump() if ban else None,
        "created_at": iso_time(user.created_at),
        "last_login_at": iso_time(user.last_login_at),
    }


def _event(row: SecurityEvent) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "count": row.count,
        "first_at": iso_time(row.first_at),
        "last_at": iso_time(row.last_at),
        "address": row.address,
        "detail": json.loads(row.detail),
    }


def _alert(row: Alert) -> dict[str, Any]:
    return {"rule": row.rule, "at": iso_time(row.at)}


def _act(row: AuditEntry) -> dict[str, Any]:
    return {"act": row.act, "outcome": row.outcome, "reason": row.reason, "at": iso_time(row.at)}
