"""A user's data, derived from the name alone, so that it is the same after a restart."""

from __future__ import annotations

import base64
import hashlib

MAX_NAME_LENGTH = 64


def check_name(user: str) -> str:
    """Return the name; ValueError unless it is 1 to 64 printable characters."""
    if not 1 <= len(user) <= MAX_NAME_LENGTH or not user.isprintable():
        raise ValueError(f"user must be 1 to {MAX_NAME_LENGTH} printable characters, such as alice")
    return user


def openid_of(appid: str, user: str) -> str:
    """Return the user's openid in an app: 28 characters, of which the first six are the app's."""
    return _openid_prefix(appid) + _letters("openid", appid, user)[:22]


def is_openid_of(appid: str, openid: str) -> bool:
    """Return whether a text has the format of this app's openids, for known users or not."""
    return len(openid) == 28 and openid.startswith(_openid_prefix(appid))


def unionid_of(user: str) -> str:
    """Return the user's unionid, the same in all apps: 28 characters."""
    return "o" + _letters("unionid", user)[:27]


def phone_number_of(user: str) -> str:
    """Return a mobile number of mainland China: eleven digits."""
    digest = hashlib.sha256(f"phone\0{user}".encode()).digest()
    return f"138{int.from_bytes(digest[:8], 'big') % 10**8:08d}"


def _openid_prefix(appid: str) -> str:
    return "o" + _letters("app", appid)[:5]


def _letters(*parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()
