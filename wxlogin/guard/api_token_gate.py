"""The gate of the calls that other services make with an API token."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from flask import Blueprint, Response, after_this_request, g
from structlog.contextvars import bind_contextvars

from wxlogin import errors
from wxlogin.errors import ApiError
from wxlogin.extensions import limiter
from wxlogin.guard.bodies import require_json
from wxlogin.guard.request_context import bearer_token, request_info
from wxlogin.limits.key_functions import setting
from wxlogin.limits.rate_limits import SUBJECTS
from wxlogin.operators.api_tokens import ApiTokens, TokenHolder
from wxlogin.operators.permissions import Scope
from wxlogin.services import services
from wxlogin.watch.audit import Actor

DEPRECATED = "X-Wxlogin-Deprecated"
"""The header that names what a caller should stop using soon, and from when on it fails."""


def guard_service(blueprint: Blueprint, scope: Scope) -> None:
    """Require an API token of this scope, within its limit, and a JSON body."""
    limiter.shared_limit(setting("api_token"), scope="api_token", key_func=api_token_key)(blueprint)
    blueprint.before_request(lambda: _require_scope(scope))
    blueprint.before_request(require_json)


def guard_introspection(blueprint: Blueprint) -> None:
    """Require an API token that may introspect; its limit is counted with the session's read."""
    blueprint.before_request(lambda: _require_scope("introspect"))


def api_token_key() -> str:
    """Return what limits count the API token by; TOKEN_MISSING or TOKEN_INVALID without one.

    Flask-Limiter's hook runs before those of the blueprint, so the token is verified here.
    """
    return SUBJECTS["api_token"](token_holder().id)


def token_holder() -> TokenHolder:
    """Return the holder of the request's API token, which is verified once."""
    if "token_holder" not in g:
        g.token_holder = authenticate_token(services.operators.tokens)
    found: TokenHolder = g.token_holder
    return found


def authenticate_token(tokens: ApiTokens) -> TokenHolder:
    """Return the holder of the bearer token; TOKEN_MISSING or TOKEN_INVALID without a valid one.

    In its last two weeks every answer says when it ends.
    """
    token = bearer_token()
    if token is None:
        raise ApiError(errors.TOKEN_MISSING, "Send an API token: `Authorization: Bearer wxa_...`.")
    holder = tokens.verify(token, request_info().address)
    request_info().is_proven = True
    bind_contextvars(token=holder.id)
    ends = holder.bounds.expires_at
    if ends and tokens.ends_soon(ends):
        after_this_request(partial(_hint, ends))
    return holder


def service_actor() -> Actor:
    """Return the name of the token's holder for the audit trail."""
    info = request_info()
    return Actor(f"token:{token_holder().id}", info.address, info.request_id)


def _hint(expires_at: datetime, response: Response) -> Response:
    ends = f"{expires_at:%Y-%m-%dT%H:%M:%SZ}"
    response.headers[DEPRECATED] = f"this API token ends at {ends}; make another"
    return response


def _require_scope(scope: Scope) -> None:
    if scope not in token_holder().scopes:
        raise ApiError(errors.FORBIDDEN, f"This token does not have the scope `{scope}`.")
