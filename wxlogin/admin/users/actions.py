"""What operators do to users. The audit trail records each action before and after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

from structlog.contextvars import bind_contextvars

from wxlogin import errors
from wxlogin.accounts import Ban, Bans, Erasure, SessionRevocation, UserDirectory, UserKeys, masks
from wxlogin.accounts.errors import UserNotFound
from wxlogin.accounts.persons import Persons
from wxlogin.accounts.user_directory import UserProfile
from wxlogin.admin.lookup_limits import Requester, hit_lookup_limit
from wxlogin.admin.schemas import Ended
from wxlogin.admin.times import iso_or_none
from wxlogin.admin.users.schemas import (
    BanBody,
    KeyReset,
    RevealBody,
    Revealed,
    UnlinkBody,
    UserItem,
)
from wxlogin.admin.users.service import item
from wxlogin.clock import Clock
from wxlogin.errors import ApiError
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.services import Watch
from wxlogin.sessions.causes import Cause
from wxlogin.watch.audit import Actor, Audit
from wxlogin.wechat.errors import Misconfigured, explained

REFUSED = "WeChat refuses this mini-program; the session_key is as it was."


class Banned(NamedTuple):
    """How many users were banned, and how many of their sessions ended."""

    users: int
    ended: int


def kick(
    audit: Audit,
    directory: UserDirectory,
    revocation: SessionRevocation,
    actor: Actor,
    user_id: str,
) -> Ended:
    """End all sessions of a user, who may sign in again."""
    directory.get(user_id)
    with audit.act(actor, "user.kick", target(user_id)) as act:
        cause = Cause("kicked", actor.name)
        act.detail["ended"] = revocation.revoke_all(user_id, cause=cause)
    return Ended(ended=act.detail["ended"])


def kick_all(
    audit: Audit,
    directory: UserDirectory,
    revocation: SessionRevocation,
    actor: Actor,
    user_ids: Iterable[str],
) -> Ended:
    """End all sessions of these users, each in an act of its own; who was erased is passed over."""
    total = 0
    for user in user_ids:
        with suppress(UserNotFound):
            total += kick(audit, directory, revocation, actor, user).ended
    return Ended(ended=total)


def ban(
    audit: Audit,
    directory: UserDirectory,
    bans: Bans,
    clock: Clock,
    actor: Actor,
    user_id: str,
    body: BanBody,
) -> Ended:
    """End all sessions of a user and refuse their logins; later calls get USER_BANNED."""
    banned = _ban(audit, directory, bans, clock, actor, [directory.get(user_id)], body)
    return Ended(ended=banned.ended)


def ban_all(
    audit: Audit,
    directory: UserDirectory,
    bans: Bans,
    clock: Clock,
    actor: Actor,
    user_ids: Sequence[str],
    body: BanBody,
) -> Banned:
    """Ban these users, each in an act of its own; who was erased is passed over."""
    known = directory.profiles(user_ids)
    users = [known[one] for one in user_ids if one in known]
    return _ban(audit, directory, bans, clock, actor, users, body)


def _ban(
    audit: Audit,
    directory: UserDirectory,
    bans: Bans,
    clock: Clock,
    actor: Actor,
    users: Sequence[UserProfile],
    body: BanBody,
) -> Banned:
    linked = [other.id for user in users if body.linked for other in directory.list_linked(user)]
    ids = dict.fromkeys([*(user.id for user in users), *linked])
    return Banned(len(ids), _ban_each(audit, bans, clock, actor, ids, body))


def _ban_each(
    audit: Audit, bans: Bans, clock: Clock, actor: Actor, user_ids: Iterable[str], body: BanBody
) -> int:
    if body.until and body.until.timestamp() <= clock():
        raise ApiError(errors.INVALID_REQUEST, fields=[("until", "should be in the future")])
    until, total = {"until": iso_or_none(body.until)}, 0
    for user_id in user_ids:
        act = audit.act(actor, "user.ban", target(user_id), reason=body.reason, detail=until)
        with act as started:
            ended = bans.impose(user_id, Ban(body.reason, body.until), actor.name)
            started.detail.update(until, ended=ended)
        total += ended
    return total


def unban(
    audit: Audit,
    directory: UserDirectory,
    bans: Bans,
    actor: Actor,
    user_id: str,
    *,
    narrow: bool,
    linked: bool = False,
) -> UserItem:
    """Let a user sign in again; it is no error if they are not banned.

    With `linked` the same person's other users too.
    """
    user = directory.get(user_id)
    others = [one.id for one in directory.list_linked(user)] if linked else []
    for one in [user_id, *others]:
        with audit.act(actor, "user.unban", target(one)):
            bans.lift(one)
    return item(directory.get(user_id), narrow=narrow)


def unlink(
    audit: Audit,
    directory: UserDirectory,
    persons: Persons,
    actor: Actor,
    user_id: str,
    body: UnlinkBody,
) -> None:
    """Give a user a person of their own; nothing joins them with others again."""
    user = directory.get(user_id)
    detail = {"person": user.person}
    with audit.act(actor, "user.unlink", target(user_id), reason=body.reason, detail=detail):
        persons.unlink(user_id)


def allow_joining(
    audit: Audit, directory: UserDirectory, persons: Persons, actor: Actor, user_id: str
) -> None:
    """Let a user be joined again; it is no error if they are not kept apart."""
    directory.get(user_id)
    with audit.act(actor, "user.allow_joining", target(user_id)):
        persons.allow_joining(user_id)


def reset_session_key(
    audit: Audit, directory: UserDirectory, user_keys: UserKeys, actor: Actor, user_id: str
) -> KeyReset:
    """Let WeChat replace a user's session_key; SESSION_KEY_EXPIRED if none is kept."""
    user = directory.get(user_id)
    bind_contextvars(app=user.appid)
    act = audit.act(actor, "user.reset_session_key", target(user_id))
    with act, explained(REFUSED, Misconfigured):
        return KeyReset(expires_in=user_keys.reset(user_id, user.appid))


def reveal(
    watch: Watch,
    rates: RateLimits,
    directory: UserDirectory,
    who: Requester,
    user_id: str,
    body: RevealBody,
) -> Revealed:
    """Return openid, unionid and phone number unmasked; this counts towards the limit of `who`."""
    hit_lookup_limit(rates, watch.recorder, "export", who)
    user = directory.get(user_id)
    with watch.audit.act(who.actor, "user.reveal", target(user_id), reason=body.reason):
        return Revealed(
            openid=user.openid,
            unionid=user.unionid,
            phone=masks.whole_phone(user.phone),
        )


def erase(
    audit: Audit, directory: UserDirectory, erasure: Erasure, actor: Actor, user_id: str
) -> Ended:
    """Delete everything that is stored of a user; an interrupted erasure can be repeated."""
    directory.get(user_id)
    with audit.act(actor, "user.erase", target(user_id)) as act:
        act.detail["ended"] = erasure.erase(user_id)
    return Ended(ended=act.detail["ended"])


def target(user_id: str) -> str:
    """Return the audit trail's name of a user."""
    return f"user:{user_id}"
