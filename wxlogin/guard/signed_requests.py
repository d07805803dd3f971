"""Which requests must be signed, and where the request stands that was signed."""

from __future__ import annotations

import re

from config_table import Signing
from wxlogin import errors
from wxlogin.engines import Engines
from wxlogin.errors import ApiError
from wxlogin.guard.bodies import received
from wxlogin.guard.passage import Caller, Environ
from wxlogin.guard.signatures import (
    EMPTY_HASH,
    FORMS,
    Signature,
    Signed,
    body_hash,
    path_of,
    signature_of,
)
from wxlogin.sessions.tokens import signing_key

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SHA256 = re.compile(r"[0-9a-f]{64}")


HEADERS = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in FORMS}
"""The headers of a signed request, and what WSGI calls each."""


def require_signature(engines: Engines, caller: Caller, environ: Environ) -> None:
    """Check the signature of a call to wxlogin itself, as WXLOGIN_REQUEST_SIGNING says."""
    mode, method = engines.settings.request_signing, environ["REQUEST_METHOD"]
    signature = _given(environ, mode, method)
    if signature:
        # The target as it came is in no standard of WSGI: gunicorn has the first name, others the
        # second. From a server that has neither, no signature holds.
        target = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
        signed = Signed(method, path_of(target), body_hash(received()))
        _verify(engines, caller, signature, signed)


def require_original_signature(engines: Engines, caller: Caller, environ: Environ) -> None:
    """Check the signature of the business call behind nginx, as WXLOGIN_AUTH_SIGNING says.

    Its body never comes here: the business server must compare it with X-Wxlogin-Content-SHA256.
    """
    mode, method = engines.settings.auth_signing, environ.get("HTTP_X_ORIGINAL_METHOD", "")
    signature = _given(environ, mode, method)
    if signature:
        claimed = environ.get("HTTP_X_WXLOGIN_CONTENT_SHA256", EMPTY_HASH)
        if not SHA256.fullmatch(claimed):
            raise ApiError(errors.REQUEST_SIGNATURE_INVALID)
        target = path_of(environ.get("HTTP_X_ORIGINAL_URI", ""))
        _verify(engines, caller, signature, Signed(method, target, claimed))


def _given(environ: Environ, mode: Signing, method: str) -> Signature | None:
    """The signature to check; REQUEST_UNSIGNED where one is missing that has to be there.

    A method that is not known to be safe counts as unsafe.
    """
    given = {name: environ[key] for name, key in HEADERS.items() if key in environ}
    signature = signature_of(given) if mode != "off" else None
    if signature is None and mode == "required" and method not in SAFE:
        raise ApiError(errors.REQUEST_UNSIGNED)
    return signature


def _verify(engines: Engines, caller: Caller, signature: Signature, signed: Signed) -> None:
    """Check a signature; the nonce is spent last, so that nobody else can spend it."""
    signature.verify(signing_key(caller.ref), signed, int(engines.clock()))
    engines.nonces.spend(caller.ref, signature.nonce)
