"""What the calls for other services decide."""

from __future__ import annotations

from structlog.contextvars import bind_contextvars

from wxlogin import errors
from wxlogin.clock import milliseconds
from wxlogin.engines import Engines
from wxlogin.errors import ApiError
from wxlogin.operators.api_tokens import TokenHolder
from wxlogin.service.schemas import (
    AccessTokenAnswer,
    Active,
    IdentityAnswer,
    Inactive,
    Introspected,
    SignatureAnswer,
    SignBody,
)
from wxlogin.sessions import Session
from wxlogin.sessions.store import GRACE_MS
from wxlogin.sessions.windows import RateLimited
from wxlogin.vault.held import held
from wxlogin.watch.audit import Actor
from wxlogin.wechat.opendata import session_signature


def introspect(engines: Engines, who: TokenHolder, token: str) -> Introspected:
    """Whether the token holds. It counts as activity of the session and charges the service alone.

    No audit entry is written: this is asked for every request that a service gets.
    """
    ref = engines.tokens.peek(token)
    if ref is None:
        engines.limits.charge_subject("api_token", who.id)
        return Introspected(Inactive())
    limits = engines.limits.of_subject("api_token", who.id)
    try:
        session = engines.sessions.read(ref, beside=limits).session
    except RateLimited:
        raise
    except ApiError:
        return Introspected(Inactive())
    return Introspected(
        Active(
            sub=session.tag,
            client_id=session.app,
            sid=session.sid,
            iat=session.created // 1000,
            exp=_expires(engines, session) // 1000,
        )
    )


def identify(engines: Engines, actor: Actor, user: str) -> IdentityAnswer:
    """Who the user is at WeChat, banned or not; NOT_FOUND where there is none."""
    with engines.audit.act(actor, "service.identity", f"user:{user}"):
        person = engines.people.get(user)
        if person.openid is None:
            raise ApiError(errors.INTERNAL)
    return IdentityAnswer(openid=person.openid, unionid=person.unionid, appid=person.appid)


def give_access_token(engines: Engines, actor: Actor, appid: str) -> AccessTokenAnswer:
    """The mini-program's access_token; APP_UNKNOWN for one that is disabled."""
    bind_contextvars(app=appid)
    with engines.audit.act(actor, "service.access_token", f"app:{appid}"):
        token = engines.access_tokens.get(engines.apps.find(appid).credentials)
    # The one answer that may hold it: the guard stops all others.
    held.tell(token.value)
    left = max(0, token.until - milliseconds(engines.clock)) // 1000
    return AccessTokenAnswer(access_token=token.value, expires_in=left)


def sign(engines: Engines, actor: Actor, body: SignBody) -> SignatureAnswer:
    """The data under the user's session_key; SESSION_KEY_EXPIRED where none is kept."""
    with engines.audit.act(actor, "service.sign", f"user:{body.user}"):
        kept = engines.session_keys.fetch(body.user)
        if kept is None:
            engines.people.get(body.user)
            raise ApiError(errors.SESSION_KEY_EXPIRED)
    return SignatureAnswer(signature=session_signature(kept.current, body.data.encode()))


def _expires(engines: Engines, session: Session) -> int:
    """When the token ends unless it is used again; one that was replaced is in its grace."""
    if session.place == session.sid:
        return session.expires
    return min(session.expires, milliseconds(engines.clock) + GRACE_MS)
