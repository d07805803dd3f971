"""Who asks: the bearer token that came, and the caller of the request at hand."""

from __future__ import annotations

from flask import request

from wxlogin.guard.passage import Caller, Environ, passage


def bearer_of(environ: Environ) -> str | None:
    """The token of the Authorization header, the one place where a token is looked for."""
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def bearer_token() -> str | None:
    """The token that came with the request at hand."""
    return bearer_of(request.environ)


def caller() -> Caller:
    """The caller of a signed-in call."""
    found = passage().caller
    assert found is not None
    return found
