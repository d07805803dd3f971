"""The gate of every call, in the contract's order of verdicts.

HTTPS, address limit, token signature, session, openid limit, request signature, body.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, Response, request

from wxlogin import errors
from wxlogin.engines import engines
from wxlogin.guard.address import address_key, client_address
from wxlogin.guard.authentication import Caller, admit, require_token, verified
from wxlogin.guard.bodies import require_json
from wxlogin.guard.limits import AddressLimit, UserLimit
from wxlogin.guard.signed_requests import require_signature
from wxlogin.guard.transport import PROBES
from wxlogin.sessions.windows import LimitReached

FAILURES = {errors.CODE_INVALID.code, errors.TOKEN_INVALID.code}
"""What counts against an address; refusals by policy never do."""


def bind_failures(app: Flask) -> None:
    """Refuse addresses with too many failures before all else, and count everybody's."""
    app.before_request(_refuse_failing_address)
    app.after_request(_count_failure)


def guard_login(blueprint: Blueprint) -> None:
    """Hang the gate of a call that has no session yet."""
    blueprint.before_request(_learn_of_failures)
    blueprint.before_request(_limit_address("login_ip"))
    blueprint.before_request(require_json)


def guard_account(
    blueprint: Blueprint, *limits: UserLimit, signature: Callable[[], None] = require_signature
) -> None:
    """Hang the gate of signed-in calls, charging the user these limits.

    Up to the token's signature nothing is asked of Redis; then one round trip reads the session
    and counts for the address and the user.
    """
    blueprint.before_request(_refuse_over_limit)
    blueprint.before_request(require_token)
    blueprint.before_request(_require_session(limits))
    blueprint.before_request(signature)
    blueprint.before_request(require_json)


def _learn_of_failures() -> None:
    """Ask what other workers counted: an address over its limit never reaches WeChat."""
    engines.limits.charge_address("fail_ip", address_key(client_address()), cost=0)


def _refuse_over_limit() -> None:
    engines.limits.refuse_over("api_ip", address_key(client_address()))


def _limit_address(limit: AddressLimit) -> Callable[[], None]:
    def charge() -> None:
        engines.limits.charge_address(limit, address_key(client_address()))

    return charge


def _require_session(limits: tuple[UserLimit, ...]) -> Callable[[], None]:
    def read() -> None:
        ref, address = verified(), address_key(client_address())
        beside = engines.limits.of_address("api_ip", address)
        own = engines.limits.of_user(limits, ref.tag)
        try:
            live = engines.sessions.read(ref, own, beside)
        except LimitReached as over:
            if over.window in beside:
                engines.limits.remember("api_ip", address, over)
            raise
        admit(Caller(ref, *live))

    return read


def _refuse_failing_address() -> None:
    if request.endpoint not in PROBES:
        engines.limits.refuse_over("fail_ip", address_key(client_address()))


def _count_failure(response: Response) -> Response:
    unknown_path = response.status_code in (404, 405) and request.url_rule is None
    if unknown_path or response.headers.get("X-Wxlogin-Error") in FAILURES:
        engines.failures.count(address_key(client_address()))
    return response
