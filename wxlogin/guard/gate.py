"""The gate of every call, in the contract's order of verdicts.

HTTPS, address limit, token signature, session, openid limit, request signature, body.

Failures of an address close it for further ones of their kind alone, and never for a call that has
to have a token and whose token verifies: thousands of phones share an address with whoever fails.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, request

from wxlogin import errors
from wxlogin.errors import ApiError
from wxlogin.guard.bodies import require_json
from wxlogin.guard.metrics_access import is_local_monitor
from wxlogin.guard.request_context import (
    PROBES,
    Caller,
    Environ,
    RequestInfo,
    bearer_of,
    request_info,
    set_user,
)
from wxlogin.guard.request_signing import SigningRules, require_signature
from wxlogin.limits.errors import LimitReached
from wxlogin.limits.rate_limits import RateLimits, UserLimit
from wxlogin.services import Sessions, current_services
from wxlogin.sessions import TokenRef
from wxlogin.sessions.store import LiveSession, SessionStore

SMALL_BYTES = 4_096
"""A login's body, or a sign-in's, has a tenth of it."""

SignatureCheck = Callable[[SigningRules, Caller, Environ], None]


def bind_request_hooks(app: Flask, *, require_https: bool) -> None:
    """Check every request before anything else does, whichever view it is for."""

    def check() -> None:
        info = request_info()
        info.raise_fault()
        if request.endpoint not in PROBES and not is_local_monitor(request):
            check_connection(info, require_https=require_https)

    app.before_request(check)


def guard_account(
    blueprint: Blueprint, *limits: UserLimit, signature: SignatureCheck = require_signature
) -> None:
    """Require a session for a blueprint's calls, and count these limits of the user.

    The counters travel with the session (see wxlogin/limits/__init__.py).
    """

    def check() -> None:
        found, environ = current_services(), request.environ
        sessions = found.sessions
        caller = authenticate(found.limits.rates, sessions, request_info(), environ, limits)
        signature(SigningRules(found.settings, found.clock, sessions.nonces), caller, environ)
        require_json()

    blueprint.before_request(check)


def check_connection(info: RequestInfo, *, require_https: bool) -> None:
    """Refuse plain HTTP where HTTPS is required."""
    if require_https and not info.https:
        raise ApiError(errors.HTTPS_REQUIRED)


def refuse_bad_codes() -> None:
    """RATE_LIMITED for an address that sent too many bad codes, before WeChat is asked again.

    Not for a login that carries a token of ours, as a phone's does that renews its session.
    """
    found = current_services()
    if found.sessions.tokens.peek(bearer_of(request.environ)) is None:
        found.limits.rates.refuse_known(request_info().address_key, "fail_code")


def refuse_large_body() -> None:
    """RATE_LIMITED, unread, for a large body of an address that sent too many wrong ones.

    For calls without a token, which need small bodies.
    """
    length = request.content_length
    if (length is None and "Transfer-Encoding" in request.headers) or (length or 0) > SMALL_BYTES:
        current_services().limits.failures.refuse_known(request_info().address_key, "fail_body")


def authenticate(
    rates: RateLimits,
    sessions: Sessions,
    info: RequestInfo,
    environ: Environ,
    limits: tuple[UserLimit, ...],
) -> Caller:
    """Return the caller: a token whose signature holds, and its live session.

    Nothing is asked of Redis before the token's signature holds; then one round trip reads the
    session and counts for the address and the user.
    """
    rates.refuse_known(info.address_key, "api_ip")
    token = bearer_of(environ)
    if token is None:
        raise ApiError(errors.TOKEN_MISSING)
    ref = sessions.tokens.verify(token)
    set_user(environ, info, ref.owner)
    info.caller = Caller(ref, *_read(rates, sessions.store, info.address_key, ref, limits))
    return info.caller


def _read(
    rates: RateLimits,
    store: SessionStore,
    address_key: str,
    ref: TokenRef,
    limits: tuple[UserLimit, ...],
) -> LiveSession:
    beside = rates.windows(address_key, "api_ip")
    try:
        return store.get(ref, rates.windows(ref.owner, *limits), beside)
    except LimitReached as over:
        if over.key in {window.key for window in beside}:
            rates.remember(over)
        raise
