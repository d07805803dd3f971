"""What operators do to users; the audit trail has every act, before and after it."""

from __future__ import annotations

from structlog.contextvars import bind_contextvars

from wxlogin import errors
from wxlogin.accounts import Ban, masks
from wxlogin.admin.schemas.shared import Ended
from wxlogin.admin.schemas.users import BanBody, KeyReset, RevealBody, Revealed, UserItem
from wxlogin.admin.service.times import iso_or_none
from wxlogin.admin.service.users import item
from wxlogin.engines import Engines
from wxlogin.errors import ApiError
from wxlogin.watch.audit import Actor


def kick(engines: Engines, actor: Actor, user: str) -> Ended:
    """End all sessions of a user, who may sign in again."""
    engines.people.get(user)
    with engines.audit.act(actor, "user.kick", target(user)) as act:
        act.detail["ended"] = engines.sessions.finish(user, "all", "")
    return Ended(ended=act.detail["ended"])


def ban(engines: Engines, actor: Actor, user: str, body: BanBody) -> Ended:
    """End all sessions of a user, who may not sign in, and say so to whoever holds a token."""
    engines.people.get(user)
    if body.until and body.until.timestamp() <= engines.clock():
        raise ApiError(errors.INVALID_REQUEST, fields=[("until", "should be to come")])
    until = {"until": iso_or_none(body.until)}
    with engines.audit.act(
        actor, "user.ban", target(user), reason=body.reason, detail=until
    ) as act:
        ended = engines.bans.impose(user, Ban(body.reason, body.until))
        act.detail.update(until, ended=ended)
    return Ended(ended=ended)


def unban(engines: Engines, actor: Actor, user: str) -> UserItem:
    """Let a user sign in again; no ban is no fault."""
    engines.people.get(user)
    with engines.audit.act(actor, "user.unban", target(user)):
        engines.bans.lift(user)
    return item(engines.people.get(user))


def reset_session_key(engines: Engines, actor: Actor, user: str) -> KeyReset:
    """Let WeChat replace a user's session_key; SESSION_KEY_EXPIRED where none is kept."""
    person = engines.people.get(user)
    bind_contextvars(app=person.appid)
    with engines.audit.act(actor, "user.reset_session_key", target(user)):
        return KeyReset(expires_in=engines.user_keys.reset(user, person.appid))


def reveal(engines: Engines, actor: Actor, user: str, body: RevealBody) -> Revealed:
    """Tell openid, unionid and phone number whole."""
    person = engines.people.get(user)
    with engines.audit.act(actor, "user.reveal", target(user), reason=body.reason):
        return Revealed(
            openid=person.openid,
            unionid=person.unionid,
            phone=masks.whole_phone(person.phone),
        )


def erase(engines: Engines, actor: Actor, user: str) -> Ended:
    """Remove all that is held of a user; what was interrupted is repeated."""
    engines.people.get(user)
    with engines.audit.act(actor, "user.erase", target(user)) as act:
        act.detail["ended"] = engines.erasure.erase(user)
    return Ended(ended=act.detail["ended"])


def target(user: str) -> str:
    """How the audit trail names a user."""
    return f"user:{user}"
