"""What Flask-Limiter's decorators are given here: key functions, and limits of the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request

from wxlogin.limits.rate_limits import Limit
from wxlogin.limits.storage import current_rate_limits
from wxlogin.redisdb import keys

ADDRESS = "wxlogin.address_key"
OPENID = "wxlogin.user"
"""Where a request's environ holds what limits count its address and its user by."""


def address_key() -> str:
    """Return the key of the client's address: IPv4 whole, IPv6 by its /64."""
    return keys.address_limits(_found(ADDRESS))


def openid_key() -> str:
    """Return the key of the signed-in user.

    RuntimeError where nobody is signed in yet: the blueprint needs `guard_account`, and the limit
    belongs on the view, which runs after it, not on the blueprint.
    """
    return keys.user_limits(_found(OPENID))


def setting(limit: Limit) -> Callable[[], str]:
    """Return the limit that the current app's settings have under this name, for a decorator."""

    def value() -> str:
        return ";".join(str(item) for item in current_rate_limits().items(limit))

    return value


def _found(name: str) -> str:
    found: Any = request.environ.get(name)
    if not found:
        raise RuntimeError(f"a rate limit needs {name}, which this request does not have (yet)")
    return str(found)
