"""Request signing: what is signed and how, which requests must be, when a signature holds."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from config import Settings
from wxlogin import errors
from wxlogin.clock import Clock
from wxlogin.errors import ApiError
from wxlogin.guard.bodies import read_body
from wxlogin.guard.request_context import Caller, Environ
from wxlogin.sessions import Nonces
from wxlogin.sessions.tokens import signing_key
from wxlogin.settings.table import Original, Signing

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SHA256 = re.compile(r"[0-9a-f]{64}")

TIMESTAMP = "X-Wxlogin-Timestamp"
NONCE = "X-Wxlogin-Nonce"
SIGNATURE = "X-Wxlogin-Signature"
FORMS = {TIMESTAMP: r"[0-9]{10}", NONCE: r"[A-Za-z0-9_-]{16,64}", SIGNATURE: r"[0-9a-f]{64}"}
"""The headers of a signed request, and what each looks like."""

WINDOW_SECONDS = 300
EMPTY_HASH = hashlib.sha256().hexdigest()
# A request to a proxy may name the host as well (RFC 9112, 3.2.2); the path is what is signed.
ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")

ENVIRON_KEYS = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in FORMS}
"""The keys of these headers in the WSGI environ."""

ORIGINAL_KEYS: dict[Original, tuple[str, str]] = {
    "x-original": ("HTTP_X_ORIGINAL_METHOD", "HTTP_X_ORIGINAL_URI"),
    "x-forwarded": ("HTTP_X_FORWARDED_METHOD", "HTTP_X_FORWARDED_URI"),
}
"""Where the WSGI environ has the method and the target of a business call."""


class Signed(NamedTuple):
    """The request as it was sent: the target undecoded, the body's SHA-256 in hex."""

    method: str
    target: str
    body_hash: str


@dataclass(frozen=True)
class Signature:
    """The values of the three headers."""

    timestamp: str
    nonce: str
    mac: str

    def verify(self, key: bytes, signed: Signed, now: int) -> None:
        """Refuse what the key did not sign, then what is not recent (`now`: Unix seconds)."""
        if not hmac.compare_digest(self.mac, sign(key, signed, self.timestamp, self.nonce)):
            raise ApiError(errors.REQUEST_SIGNATURE_INVALID)
        if abs(now - int(self.timestamp)) > WINDOW_SECONDS:
            raise ApiError(errors.REQUEST_EXPIRED, members={"server_time": now})


class SigningRules(NamedTuple):
    """What a check needs: the settings, the clock, the nonces that were spent."""

    settings: Settings
    clock: Clock
    nonces: Nonces


def require_signature(rules: SigningRules, caller: Caller, environ: Environ) -> None:
    """Check the signature of a call to wxlogin itself, as WXLOGIN_REQUEST_SIGNING says."""
    method = environ["REQUEST_METHOD"]
    signature = _given(environ, rules.settings.request_signing, method)
    if signature:
        # No standard of WSGI has the undecoded target: gunicorn has the first name, others the
        # second. From a server that has neither, no signature holds.
        target = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
        signed = Signed(method, path_of(target), body_hash(read_body()))
        _verify(rules, caller, signature, signed)


def require_original_signature(rules: SigningRules, caller: Caller, environ: Environ) -> None:
    """Check the signature of the business call behind a gateway, as WXLOGIN_AUTH_SIGNING says.

    WXLOGIN_AUTH_ORIGINAL says which headers name its method and target: the gateway sets them.
    Its body never comes here: the business server must compare it with X-Wxlogin-Content-SHA256.
    """
    method_key, target_key = ORIGINAL_KEYS[rules.settings.auth_original]
    method = environ.get(method_key, "")
    signature = _given(environ, rules.settings.auth_signing, method)
    if signature:
        claimed = environ.get("HTTP_X_WXLOGIN_CONTENT_SHA256", EMPTY_HASH)
        if not SHA256.fullmatch(claimed):
            raise ApiError(errors.REQUEST_SIGNATURE_INVALID)
        target = path_of(environ.get(target_key, ""))
        _verify(rules, caller, signature, Signed(method, target, claimed))


def signature_of(given: Mapping[str, str]) -> Signature | None:
    """Return the signature in those of the three headers that a request has; None without any.

    REQUEST_UNSIGNED for some but not all of them, REQUEST_SIGNATURE_INVALID for a malformed one.
    """
    if not given:
        return None
    if len(given) < len(FORMS):
        raise ApiError(errors.REQUEST_UNSIGNED)
    if not all(re.fullmatch(form, given[name]) for name, form in FORMS.items()):
        raise ApiError(errors.REQUEST_SIGNATURE_INVALID)
    return Signature(given[TIMESTAMP], given[NONCE], given[SIGNATURE])


def sign(key: bytes, signed: Signed, timestamp: str, nonce: str) -> str:
    """Return the signature of a request: lower-case hex HMAC-SHA256."""
    lines = (signed.method, signed.target, timestamp, nonce, signed.body_hash)
    # WSGI hands on the bytes of a target as Latin-1.
    return hmac.new(key, "\n".join(lines).encode("latin-1"), hashlib.sha256).hexdigest()


def body_hash(body: bytes) -> str:
    """Return the SHA-256 of a body, in hex."""
    return hashlib.sha256(body).hexdigest()


def path_of(target: str) -> str:
    """Return a request's target from the path on, byte for byte; scheme and host are left out."""
    origin = ORIGIN.match(target)
    return target[origin.end() :] if origin else target


def _given(environ: Environ, mode: Signing, method: str) -> Signature | None:
    """Return the signature to check; REQUEST_UNSIGNED where a required one is missing.

    A method that is not known to be safe counts as unsafe.
    """
    given = {name: environ[key] for name, key in ENVIRON_KEYS.items() if key in environ}
    signature = signature_of(given) if mode != "off" else None
    if signature is None and mode == "required" and method not in SAFE:
        raise ApiError(errors.REQUEST_UNSIGNED)
    return signature


def _verify(rules: SigningRules, caller: Caller, signature: Signature, signed: Signed) -> None:
    """Check a signature; the nonce is spent last, so that nobody else can spend it."""
    signature.verify(signing_key(caller.ref), signed, int(rules.clock()))
    rules.nonces.consume(caller.ref, signature.nonce)
