"""The second factor: one-time codes of an authenticator app, and recovery codes for its loss."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

import pyotp
import segno

from wxlogin.clock import Clock
from wxlogin.vault import Vault

ISSUER = "wxlogin"
STEP_SECONDS = 30
DRIFT = 1
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
"""80 random bits, so that a plain digest of one cannot be searched."""


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app needs: the secret in Base32, the otpauth URI, the QR as SVG."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    qr_svg: str = field(repr=False)
    sealed: str


class SecondFactor:
    """Creates secrets and verifies codes (RFC 6238: SHA-1, six digits, 30 s, one step drift)."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    def enrol(self, public_id: str, name: str) -> Enrolment:
        """Create a secret for an admin; it takes effect once a code has confirmed it."""
        secret = pyotp.random_base32()
        uri = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)
        svg = segno.make(uri, micro=False).svg_inline(scale=4, border=4)
        return Enrolment(secret, uri, svg, self._vault.seal(secret, _aad(public_id)))

    def step(self, sealed: str, public_id: str, code: str) -> int | None:
        """Return the time step of a code; None if the code is not valid now."""
        secret = self._vault.open_or_none(sealed, aad=_aad(public_id))
        if secret is None:  # the data key is lost; recovery codes need none
            return None
        totp = pyotp.TOTP(secret)
        current = int(self._clock()) // STEP_SECONDS
        for step in range(current - DRIFT, current + DRIFT + 1):
            if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
                return step
        return None


def create_recovery_codes() -> tuple[list[str], str]:
    """Return new recovery codes, and the digests to store."""
    codes = [_grouped(secrets.token_hex(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]
    return codes, " ".join(map(_digest, codes))


def without_code(stored: str, code: str) -> str | None:
    """Return the stored digests without the one of this code; None if the code is wrong."""
    digests, used = stored.split(), _digest(code)
    if used not in digests:
        return None
    return " ".join(digest for digest in digests if digest != used)


def _grouped(code: str) -> str:
    return "-".join(code[start : start + 5] for start in range(0, len(code), 5))


def _digest(code: str) -> str:
    """Return the digest of a code; people type it with or without dashes, in any case."""
    bare = code.replace("-", "").replace(" ", "").lower()
    return hashlib.sha256(bare.encode()).hexdigest()


def _aad(public_id: str) -> str:
    return f"admin.totp_sealed:{public_id}"
