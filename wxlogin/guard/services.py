"""The gate of the calls that other services make, with an API token."""

from __future__ import annotations

from flask import Blueprint, g
from structlog.contextvars import bind_contextvars

from wxlogin import errors
from wxlogin.engines import current_engines
from wxlogin.errors import ApiError
from wxlogin.guard.authentication import bearer_token
from wxlogin.guard.bodies import require_json
from wxlogin.guard.passage import passage
from wxlogin.operators.api_tokens import TokenHolder
from wxlogin.operators.permissions import Scope
from wxlogin.watch.audit import Actor


def guard_service(blueprint: Blueprint, scope: Scope) -> None:
    """Hang the gate of calls that take JSON: token, its limit, its scope, body."""

    def gate() -> None:
        who = _holder()
        current_engines().limits.charge_subject("api_token", who.id)
        _require_scope(who, scope)
        require_json()

    blueprint.before_request(gate)


def guard_introspection(blueprint: Blueprint) -> None:
    """Hang the gate of introspection, which charges the token's limit as it reads the session."""
    blueprint.before_request(lambda: _require_scope(_holder(), "introspect"))


def service() -> TokenHolder:
    """Which service asks, behind its gate."""
    found: TokenHolder = g.service
    return found


def service_actor() -> Actor:
    """Whom the audit trail names for it."""
    return Actor(f"token:{service().id}", passage().address, passage().request_id)


def _holder() -> TokenHolder:
    token = bearer_token()
    if token is None:
        raise ApiError(errors.TOKEN_MISSING, "Send an API token: `Authorization: Bearer wxa_...`.")
    g.service = current_engines().operators.tokens.verify(token)
    bind_contextvars(token=service().id)
    return service()


def _require_scope(who: TokenHolder, scope: Scope) -> None:
    if scope not in who.scopes:
        raise ApiError(errors.FORBIDDEN, f"This token does not have the scope `{scope}`.")
