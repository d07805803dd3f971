"""What an admin signs in by: the name, the second factor, and a digest of it all."""

from __future__ import annotations

import hashlib
import re

from wxlogin.models import Admin
from wxlogin.operators.errors import NameInvalid

NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


def has_second_factor(admin: Admin) -> bool:
    """Return whether a sign-in of the admin needs a one-time code or a passkey."""
    return admin.totp_since is not None or admin.passkey_since is not None


def require_name(name: str) -> None:
    """Raise NameInvalid for text that cannot be an admin's name."""
    if not NAME.fullmatch(name):
        raise NameInvalid("name", "should be 1 to 64 of a-z, 0-9, dot, dash and underscore")


def credentials_fingerprint(admin: Admin) -> str:
    """Return a digest that changes with the account's password, role and second factor."""
    credentials = f"{admin.password_hash}\n{admin.role}\n{admin.totp_sealed or ''}"
    if admin.passkey_since:
        credentials += f"\n{admin.passkey_since.timestamp():.0f}"
    return hashlib.sha256(credentials.encode()).hexdigest()[:32]
