"""Does to users what WeChat pushes, and tells the team's own systems of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import cast

from sqlalchemy.orm import Session

from wxlogin.accounts.erasure import Erasure
from wxlogin.accounts.users import Users
from wxlogin.database import lock_rows
from wxlogin.models import User
from wxlogin.outbox import About, EventType, Outbox
from wxlogin.outbox.event_types import Json
from wxlogin.outbox.subjects import about_user
from wxlogin.wechat.push_messages import MODIFIED, PHONE, PROFILE, PushMessage

MAX_TOLD = 32_768
"""Characters of a message that a webhook passes on."""


class PushEffects:
    """What pushes of WeChat do to users. Each change and its event are one transaction."""

    def __init__(
        self,
        current_session: Callable[[], Session],
        users: Users,
        erasure: Erasure,
        outbox: Outbox,
    ) -> None:
        self._current_session = current_session
        self._users = users
        self._erasure = erasure
        self._outbox = outbox

    def erase(self, user: str) -> int:
        """Erase a user who left WeChat; return how many sessions this ended."""
        return self._erasure.erase(user)

    def clear(self, user: str, message: PushMessage) -> list[str]:
        """Delete what a user withdrew, or the profile that WeChat changed; return what was named.

        The event tells of every code: the team may hold what wxlogin never stores.
        """
        modified = message.event == MODIFIED
        cleared = frozenset({PROFILE}) if modified else message.revoked()
        self._users.clear_open_data(
            user,
            phone=PHONE in cleared,
            profile=PROFILE in cleared,
            tell=EventType.AUTHORIZATION_MODIFIED if modified else EventType.AUTHORIZATION_REVOKED,
            data={} if modified else {"revoked": list(message.revoke_codes)},
        )
        return sorted(cleared)

    def pass_on(self, appid: str, user: str | None, message: PushMessage) -> None:
        """Tell of a message that is none of wxlogin's; a very long one is told without its text."""
        self._outbox.refresh()
        fields = message.without_ids()
        short = len(json.dumps(fields)) <= MAX_TOLD
        data: Mapping[str, Json] = {
            "message": cast("Json", fields) if short else None,
            "encrypted": message.encrypted,
        }
        session = self._current_session()
        if user:
            lock_rows(session, User, User.public_id == user)
        about = (about_user(session, user) if user else None) or About(app=appid)
        self._outbox.add(session, EventType.PUSH_RECEIVED, about, data)
        session.commit()
