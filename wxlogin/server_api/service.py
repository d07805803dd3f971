"""The calls for other services: introspection, identity, links, access_token, signatures."""

from __future__ import annotations

from structlog.contextvars import bind_contextvars

from wxlogin import errors
from wxlogin.accounts import Apps, UserDirectory
from wxlogin.clock import Clock, milliseconds
from wxlogin.errors import ApiError
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.operators.api_tokens import TokenHolder
from wxlogin.server_api.schemas import (
    AccessTokenAnswer,
    AccessTokenBody,
    Active,
    IdentityAnswer,
    Inactive,
    Introspected,
    LinkBody,
    Linked,
    SignatureAnswer,
    SignBody,
)
from wxlogin.services import Accounts, Sessions
from wxlogin.sessions import Session, SessionKeys
from wxlogin.sessions.errors import SessionError, TokenInvalid
from wxlogin.sessions.slots import GRACE_MS
from wxlogin.vault.leak_guard import leak_guard
from wxlogin.watch.audit import Actor, Audit
from wxlogin.wechat import AccessTokens
from wxlogin.wechat.opendata import session_signature


def introspect(
    sessions: Sessions, rates: RateLimits, clock: Clock, holder: TokenHolder, token: str
) -> Introspected:
    """Return whether the token is active; the session counts as used, the call for the limit.

    No audit entry is written: services call this for every request that they get.
    """
    try:
        ref = sessions.tokens.verify(token)
    except TokenInvalid:
        rates.hit(holder.id, "api_token")
        return Introspected(Inactive())
    limits = rates.windows(holder.id, "api_token")
    try:
        session = sessions.store.get(ref, other_windows=limits).session
    except SessionError:
        return Introspected(Inactive())
    if not holder.may_reach(session.app):
        return Introspected(Inactive())
    return Introspected(
        Active(
            sub=session.user,
            username=session.ids.external_id or None,
            person=session.ids.person or None,
            client_id=session.app,
            sid=session.sid,
            iat=session.created // 1000,
            exp=_expires(session, milliseconds(clock)) // 1000,
        )
    )


def identify(
    audit: Audit, directory: UserDirectory, holder: TokenHolder, actor: Actor, user: str
) -> IdentityAnswer:
    """Return the user's ids at WeChat, banned or not; NOT_FOUND for an unknown id."""
    with audit.act(actor, "service.identity", f"user:{user}"):
        person = directory.get(user)
        holder.require_app(person.appid)
        if person.openid is None:
            raise ApiError(errors.INTERNAL)
    return IdentityAnswer(
        openid=person.openid,
        unionid=person.unionid,
        appid=person.appid,
        person=person.person,
        external_id=person.external_id,
    )


def link(
    audit: Audit, accounts: Accounts, holder: TokenHolder, actor: Actor, body: LinkBody
) -> Linked:
    """Give a user the team's own id, which then stands in headers and webhooks: no WeChat id."""
    with audit.act(actor, "service.link", f"user:{body.user}"):
        found = accounts.directory.get(body.user)
        holder.require_app(found.appid)
        if body.external_id in (found.openid, found.unionid):
            fields = [("external_id", "should not be the openid or unionid")]
            raise ApiError(errors.INVALID_REQUEST, fields=fields)
        accounts.external_ids.link(body.user, body.external_id)
    return Linked(user=body.user, external_id=body.external_id)


def give_access_token(
    audit: Audit,
    apps: Apps,
    access_tokens: AccessTokens,
    clock: Clock,
    holder: TokenHolder,
    actor: Actor,
    body: AccessTokenBody,
) -> AccessTokenAnswer:
    """Return the mini-program's access_token; APP_UNKNOWN for one that is disabled.

    A token that WeChat refused is deleted first, if it is still the stored one.
    """
    appid = body.appid
    bind_contextvars(app=appid)
    with audit.act(actor, "service.access_token", f"app:{appid}"):
        holder.require_app(appid)
        app = apps.get_active(appid)
        if body.dead:
            access_tokens.delete(appid, body.dead)
        token = access_tokens.get(app.credentials)
    # The leak guard stops every other answer that contains the token.
    leak_guard.allow(token.value)
    left = max(0, token.until - milliseconds(clock)) // 1000
    return AccessTokenAnswer(access_token=token.value, expires_in=left)


def sign(
    audit: Audit,
    session_keys: SessionKeys,
    directory: UserDirectory,
    holder: TokenHolder,
    actor: Actor,
    body: SignBody,
) -> SignatureAnswer:
    """Sign data with the user's session_key; SESSION_KEY_EXPIRED where none is kept."""
    with audit.act(actor, "service.sign", f"user:{body.user}"):
        kept = session_keys.get(body.user)
        if kept is None or holder.bounds.apps:
            holder.require_app(directory.get(body.user).appid)
        if kept is None:
            raise ApiError(errors.SESSION_KEY_EXPIRED)
    return SignatureAnswer(signature=session_signature(kept.current, body.data.encode()))


def _expires(session: Session, now: int) -> int:
    """Return when the token ends unless it is used again; a replaced one is in its grace."""
    if session.current_sid == session.sid:
        return session.expires
    return min(session.expires, now + GRACE_MS)
