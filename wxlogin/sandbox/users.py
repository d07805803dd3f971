"""What WeChat knows of a user, derived from the name alone: a restart keeps the same users."""

from __future__ import annotations

import base64
import hashlib

NAME_LIMIT = 64


def checked_name(user: str) -> str:
    """Return the name; ValueError unless it is 1 to 64 printable characters."""
    if not 1 <= len(user) <= NAME_LIMIT or not user.isprintable():
        raise ValueError(f"user must be 1 to {NAME_LIMIT} printable characters, such as alice")
    return user


def openid_of(appid: str, user: str) -> str:
    """The user's openid in one app: 28 characters; all of an app begin with the same six."""
    return _openid_head(appid) + _letters("openid", appid, user)[:22]


def is_openid_of(appid: str, openid: str) -> bool:
    """Whether the text has the shape of this app's openids, known user or not."""
    return len(openid) == 28 and openid.startswith(_openid_head(appid))


def unionid_of(user: str) -> str:
    """The user's unionid, the same in all apps: 28 characters."""
    return "o" + _letters("unionid", user)[:27]


def phone_number_of(user: str) -> str:
    """A mainland number of eleven digits."""
    digest = hashlib.sha256(f"phone\0{user}".encode()).digest()
    return f"138{int.from_bytes(digest[:8], 'big') % 10**8:08d}"


def _openid_head(appid: str) -> str:
    return "o" + _letters("app", appid)[:5]


def _letters(*parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()
