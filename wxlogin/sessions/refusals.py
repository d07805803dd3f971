"""What is said where a session has ended, or none may begin."""

from __future__ import annotations

from wxlogin import errors
from wxlogin.clock import iso
from wxlogin.errors import ApiError

ENDED = {"replaced": errors.SESSION_REPLACED, "revoked": errors.SESSION_REVOKED}
ERASED = "The user was erased while this login was under way. Log in again with another code."


def banned(until: int) -> ApiError:
    """USER_BANNED with `until`: given in Unix ms, 0 for a ban without an end."""
    return ApiError(errors.USER_BANNED, members={"until": iso(until) if until else None})


def erased() -> ApiError:
    """SESSION_EXPIRED for a login whose user was erased meanwhile; the next makes a fresh user."""
    return ApiError(errors.SESSION_EXPIRED, ERASED)


def of_ended(reason: str, until: str) -> ApiError:
    """The refusal of a token whose session has ended for a reason."""
    if reason == "banned":
        return banned(int(until))
    return ApiError(ENDED.get(reason, errors.SESSION_REVOKED))


def of_blocked(why: str, until: str) -> ApiError:
    """The refusal of a login whose user's slot is marked."""
    if why == "banned":
        return banned(int(until))
    if why == "erased":
        return erased()
    return ApiError(errors.APP_UNKNOWN)
