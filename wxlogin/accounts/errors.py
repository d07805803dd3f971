"""Errors of mini-programs and users."""

from __future__ import annotations

from wxlogin.service_error import ServiceError


class AccountError(ServiceError):
    """A call about a mini-program or a user that cannot be done."""


class AppUnknown(AccountError):
    """No mini-program of this appid is registered, or it is disabled."""


class AppidRequired(AccountError):
    """The caller names no mini-program, and this server does not have exactly one."""


class AppExists(AccountError):
    """A mini-program of this appid is registered already."""


class AppSecretUnreadable(AccountError):
    """The mini-program's AppSecret cannot be decrypted with the keys of the settings."""


class UserNotFound(AccountError):
    """No user has this id."""

    def __init__(self) -> None:
        super().__init__("There is no user of this id.")


class NotOnePerson(AccountError):
    """Two users are not of the same openid in the same mini-program."""

    def __init__(self) -> None:
        super().__init__("These two are not one person's: their mini-program or openid differs.")


class ExternalIdTaken(AccountError):
    """Another user of the mini-program has this external id."""


class UserGone(AccountError):
    """The user of a live session was erased."""


class SessionKeyExpired(AccountError):
    """WeChat's session_key of the user is not stored, or no longer valid."""
