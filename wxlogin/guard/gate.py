"""The gate of every call, in the contract's order of verdicts.

HTTPS, address limit, token signature, session, openid limit, request signature, body.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, request

from wxlogin import errors
from wxlogin.engines import Engines, current_engines
from wxlogin.errors import ApiError
from wxlogin.guard.authentication import bearer_of
from wxlogin.guard.bodies import require_json
from wxlogin.guard.limits import UserLimit
from wxlogin.guard.monitors import is_monitor_beside
from wxlogin.guard.passage import Caller, Environ, Passage, passage
from wxlogin.guard.signed_requests import require_signature
from wxlogin.guard.transport import PROBES
from wxlogin.sessions import TokenRef
from wxlogin.sessions.store import Live
from wxlogin.sessions.windows import LimitReached

SignatureCheck = Callable[[Engines, Caller, Environ], None]


def bind_entrance(app: Flask, engines: Engines) -> None:
    """Hang the part of the gate that every request passes, whatever it asks for."""

    def entrance() -> None:
        passage().raise_fault()
        if request.endpoint not in PROBES and not is_monitor_beside(request):
            let_in(engines, passage())

    app.before_request(entrance)


def guard_login(blueprint: Blueprint) -> None:
    """Hang the gate of a call that has no session yet."""

    def gate() -> None:
        current_engines().limits.charge_login(passage().address_key)
        require_json()

    blueprint.before_request(gate)


def guard_account(
    blueprint: Blueprint, *limits: UserLimit, signature: SignatureCheck = require_signature
) -> None:
    """Hang the gate of signed-in calls, charging the user these limits."""

    def gate() -> None:
        engines, environ = current_engines(), request.environ
        found = admit(engines, passage(), environ, limits)
        signature(engines, found, environ)
        require_json()

    blueprint.before_request(gate)


def let_in(engines: Engines, here: Passage) -> None:
    """Refuse what had to come over HTTPS and did not, and an address that failed too often."""
    if engines.settings.require_https and not here.https:
        raise ApiError(errors.HTTPS_REQUIRED)
    engines.limits.refuse_over("fail_ip", here.address_key)


def admit(
    engines: Engines, here: Passage, environ: Environ, limits: tuple[UserLimit, ...]
) -> Caller:
    """The caller whose token is good and whose session is live.

    Up to the token's signature nothing is asked of Redis; then one round trip reads the session
    and counts for the address and the user.
    """
    engines.limits.refuse_over("api_ip", here.address_key)
    token = bearer_of(environ)
    if token is None:
        raise ApiError(errors.TOKEN_MISSING)
    ref = engines.tokens.verify(token)
    here.recognize(ref.tag)
    here.caller = Caller(ref, *_live(engines, ref, here.address_key, limits))
    return here.caller


def _live(engines: Engines, ref: TokenRef, address_key: str, limits: tuple[UserLimit, ...]) -> Live:
    beside = engines.limits.of_address("api_ip", address_key)
    own = engines.limits.of_user(limits, ref.tag)
    try:
        return engines.sessions.read(ref, own, beside)
    except LimitReached as over:
        if over.window in beside:
            engines.limits.remember(address_key, over)
        raise
