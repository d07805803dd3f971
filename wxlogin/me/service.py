"""What users do about themselves.

The audit trail records an export and an erasure as the user's own act, without an address: it
outlives the user.
"""

from __future__ import annotations

from typing import Any

from wxlogin import errors
from wxlogin.accounts import Erasure, masks
from wxlogin.accounts.errors import UserGone, UserNotFound
from wxlogin.accounts.nickname_checks import NicknameChecks
from wxlogin.accounts.personal_data import PersonalData
from wxlogin.accounts.profiles import Profile, Profiles
from wxlogin.clock import iso_time
from wxlogin.errors import ApiError
from wxlogin.guard.request_context import Caller
from wxlogin.me.schemas import (
    EndedByErasure,
    OwnAnswer,
    OwnData,
    OwnProfile,
    OwnProfileAnswer,
    OwnProfileBody,
    OwnUser,
)
from wxlogin.sessions.live import parse_handle
from wxlogin.watch.audit import Actor, Audit

ACTOR = "user"
"""How the audit trail names a user who acts on their own data; its target says which one."""
AT_WECHAT = ("openid", "unionid")
"""What no mini-program is told, the user's own neither."""


def show(profiles: Profiles, caller: Caller) -> OwnAnswer:
    """Return what the user sees of themselves."""
    own = profiles.get(caller.session.user)
    return OwnAnswer(
        user=OwnUser(
            id=caller.session.user,
            person=own.person,
            external_id=own.external_id,
            is_complete=own.profile.is_complete,
        ),
        profile=_shown(own.profile),
        phone=masks.masked_phone(own.phone, narrow=False),
        created_at=iso_time(own.created_at),
    )


def change_profile(
    profiles: Profiles, checks: NicknameChecks, caller: Caller, body: OwnProfileBody
) -> OwnProfileAnswer:
    """Store nickname and avatar; CONTENT_REFUSED for a nickname that WeChat finds risky.

    Where WeChat does not answer nothing is stored, and the client tries again. A user who has not
    used the mini-program lately cannot be asked about: their nickname is checked at their next
    login.
    """
    session, suggestion = caller.session, None
    if body.nickname is not None:
        suggestion = checks.check(session.user, session.app, body.nickname)
    if suggestion == "risky":
        raise ApiError(errors.CONTENT_REFUSED)
    unchecked = suggestion is None
    changed = profiles.change(session.user, body.nickname, body.avatar_url, unchecked=unchecked)
    return OwnProfileAnswer(profile=_shown(changed))


def export(audit: Audit, personal_data: PersonalData, caller: Caller, request_id: str) -> OwnData:
    """Return everything that is held of the user, without WeChat's ids."""
    user = caller.session.user
    with audit.act(_actor(request_id), "user.export", f"user:{user}"):
        try:
            held = vars(personal_data.collect(user))
        except UserNotFound:
            raise UserGone from None
    own = {name: value for name, value in held["user"].items() if name not in AT_WECHAT}
    sessions = [_own_session(item) for item in held["sessions"]]
    return OwnData(**{**held, "user": own, "sessions": sessions})


def erase(audit: Audit, erasure: Erasure, caller: Caller, request_id: str) -> EndedByErasure:
    """Delete everything that is held of the user, as an operator's erasure does."""
    user = caller.session.user
    with audit.act(_actor(request_id), "user.erase", f"user:{user}") as act:
        try:
            act.detail["ended"] = erasure.erase(user)
        except UserNotFound:  # another call has just erased them
            raise UserGone from None
    return EndedByErasure(ended=act.detail["ended"])


def _actor(request_id: str) -> Actor:
    return Actor(ACTOR, request_id=request_id)


def _shown(profile: Profile) -> OwnProfile:
    return OwnProfile(nickname=profile.nickname, avatar_url=profile.avatar_url)


def _own_session(item: dict[str, Any]) -> dict[str, Any]:
    """Return a session under the id that GET /v1/sessions gives it, not the operators' one."""
    meant = parse_handle(item["id"])
    assert meant is not None
    return {**item, "id": meant[1]}
