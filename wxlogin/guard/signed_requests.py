"""Which requests must be signed, and where the request stands that was signed."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import request

from config_table import Signing
from wxlogin import errors
from wxlogin.engines import engines
from wxlogin.errors import ApiError
from wxlogin.guard.authentication import caller
from wxlogin.guard.bodies import received
from wxlogin.guard.signatures import EMPTY_HASH, FORMS, Signed, body_hash, path_of, signature_of
from wxlogin.sessions.tokens import signing_key

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SHA256 = re.compile(r"[0-9a-f]{64}")


def require_signature() -> None:
    """Check the signature of a call to wxlogin itself, as WXLOGIN_REQUEST_SIGNING says."""
    _judge(engines.settings.request_signing, request.environ["REQUEST_METHOD"], _sent)


def require_original_signature() -> None:
    """Check the signature of the business call behind nginx, as WXLOGIN_AUTH_SIGNING says.

    Its body never comes here: the business server must compare it with X-Wxlogin-Content-SHA256.
    """
    method = request.headers.get("X-Original-Method", "")
    _judge(engines.settings.auth_signing, method, _original)


def _judge(mode: Signing, method: str, signed: Callable[[str], Signed]) -> None:
    """Check a signature that is there; the nonce is spent last, so that nobody else can spend it.

    A method that is not known to be safe counts as unsafe.
    """
    given = {name: request.headers[name] for name in FORMS if name in request.headers}
    signature = signature_of(given) if mode != "off" else None
    if signature:
        ref = caller().ref
        signature.verify(signing_key(ref), signed(method), int(engines.clock()))
        engines.nonces.spend(ref, signature.nonce)
    elif mode == "required" and method not in SAFE:
        raise ApiError(errors.REQUEST_UNSIGNED)


def _sent(method: str) -> Signed:
    # The target as it came is in no standard of WSGI: gunicorn has the first name, others the
    # second. From a server that has neither, no signature holds.
    target = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or ""
    return Signed(method, path_of(target), body_hash(received()))


def _original(method: str) -> Signed:
    claimed = request.headers.get("X-Wxlogin-Content-SHA256", EMPTY_HASH)
    if not SHA256.fullmatch(claimed):
        raise ApiError(errors.REQUEST_SIGNATURE_INVALID)
    return Signed(method, path_of(request.headers.get("X-Original-URI", "")), claimed)
