"""Bearer tokens: from the header to the live session."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, request
from structlog.contextvars import bind_contextvars

from wxlogin import errors
from wxlogin.engines import engines
from wxlogin.errors import ApiError
from wxlogin.sessions import Session, TokenRef


@dataclass(frozen=True)
class Caller:
    """Who asks: the verified token's reference, its live session, the session_key's deadline."""

    ref: TokenRef
    session: Session
    session_key_until: int


def bearer_token() -> str | None:
    """The token of the Authorization header, the one place where a token is looked for."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def require_token() -> None:
    """Let the request pass only with a token that one of our keys signed; Redis is not asked."""
    token = bearer_token()
    if token is None:
        raise ApiError(errors.TOKEN_MISSING)
    g.ref = engines.tokens.verify(token)
    bind_contextvars(user=g.ref.tag)


def verified() -> TokenRef:
    """What the token refers to, behind `require_token`."""
    ref = g.ref
    assert isinstance(ref, TokenRef)
    return ref


def admit(found: Caller) -> None:
    """Note whose request this is."""
    g.caller = found


def caller() -> Caller:
    """The caller of a signed-in call."""
    found = g.caller
    assert isinstance(found, Caller)
    return found
