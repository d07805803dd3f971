"""The errors of sessions and tokens.

SessionError
├── TokenInvalid           none of our keys signed the token
│   └── TokenMalformed     the text has not the form of a token
├── SigningKeyElsewhere    another host's key signed the token
├── SessionExpired         the session reached its limit in time, or is unknown
├── SessionReplaced        a login elsewhere ended the session
├── SessionRevoked         a logout or an operator ended the session
├── UserBanned             an operator banned the user
├── UserErased             the user was erased during the login
├── AppDisabled            the user's mini-program is disabled
├── DeviceLimitReached     the user has as many sessions as the device policy allows
├── CodeUsed               a WeChat code was seen before
└── NonceReplayed          another request of the session sent the same nonce
"""

from __future__ import annotations

from wxlogin.clock import iso
from wxlogin.service_error import ServiceError


class SessionError(ServiceError):
    """A token, a session, a code or a nonce that is refused."""


class TokenInvalid(SessionError):
    """None of our keys signed the token."""


class TokenMalformed(TokenInvalid):
    """The text has not the form of a token: it is a mistake of the caller's, and no forgery."""


class SigningKeyElsewhere(SessionError):
    """Another running host has the key that signed the token, and this one has not."""

    def __init__(self) -> None:
        super().__init__(
            "Another host signed this token with a key that has not come to this one yet. Send the "
            "request again."
        )


class SessionExpired(SessionError):
    """The session was idle too long, reached its maximum age, or is unknown."""


class SessionReplaced(SessionError):
    """A login elsewhere ended the session."""


class SessionRevoked(SessionError):
    """A logout or an operator ended the session."""


class UserBanned(SessionError):
    """An operator banned the user until a time in Unix ms; 0 means without an end."""

    def __init__(self, until: int) -> None:
        super().__init__(members={"until": iso(until) if until else None})
        self.until = until


class UserErased(SessionError):
    """The user was erased during the login; the next login creates a new user."""

    def __init__(self) -> None:
        super().__init__(
            "The user was erased while this login was under way. Log in again with another code."
        )


class AppDisabled(SessionError):
    """The mini-program of the user is disabled."""


class DeviceLimitReached(SessionError):
    """The user has as many sessions as the device policy allows."""


class CodeUsed(SessionError):
    """The WeChat code was seen here before."""


class NonceReplayed(SessionError):
    """Another request of the session sent the same nonce."""
