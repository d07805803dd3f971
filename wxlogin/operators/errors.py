"""Errors of admins, their sessions and API tokens."""

from __future__ import annotations

from wxlogin.service_error import ServiceError


class OperatorError(ServiceError):
    """A call about an admin or an API token that is refused."""


class FieldInvalid(OperatorError):
    """A value that an account cannot have; names the field and the reason."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(fields=[(field, reason)])


class NameInvalid(FieldInvalid):
    """Text that cannot be an admin's name."""


class NameTaken(FieldInvalid):
    """Another admin has this name."""


class WeakPassword(FieldInvalid):
    """A password that is too short, too long or easy to guess."""


class CredentialsInvalid(OperatorError):
    """The name, the password or the one-time code is wrong."""


class WrongCode(CredentialsInvalid):
    """The password is right, and the one-time code is wrong."""


class SecondFactorGuessed(OperatorError):
    """One wrong code too many came with the right password: somebody knows it."""


class SignInDelayed(OperatorError):
    """The next sign-in of this name is not due yet, after wrong codes."""


class AdminNotFound(OperatorError):
    """There is no such admin."""


class InvitationInvalid(CredentialsInvalid):
    """The invitation is wrong, used or over; which of these, nobody learns."""

    def __init__(self) -> None:
        super().__init__("The invitation is wrong, used or over. Ask for another.")


class AlreadyAccepted(FieldInvalid):
    """Who was invited has set a password: a new invitation would be a way round it."""

    def __init__(self) -> None:
        super().__init__("id", "is of an admin who has accepted: reset the password instead")


class LastOwner(OperatorError):
    """The change would leave no owner who can sign in."""

    def __init__(self) -> None:
        super().__init__("This is the last owner who can sign in.")


class PasskeyRefused(OperatorError):
    """The browser's answer for a new passkey does not hold."""

    def __init__(self) -> None:
        super().__init__("The passkey could not be verified. Start again.")


class PasskeyNotFound(OperatorError):
    """The admin has no such passkey."""

    def __init__(self) -> None:
        super().__init__("You have no passkey of this id.")


class TooManyPasskeys(FieldInvalid):
    """The admin has as many passkeys as are possible."""

    def __init__(self) -> None:
        super().__init__("name", "stands for one passkey too many: remove one first")


class PasswordsBusy(OperatorError):
    """Too many passwords are being hashed at the moment."""


class AdminSessionExpired(OperatorError):
    """The admin's session does not exist any more."""

    def __init__(self) -> None:
        super().__init__("Sign in again: POST /admin/api/login.")


class ApiTokenInvalid(OperatorError):
    """The API token is forged, revoked or expired."""

    def __init__(self) -> None:
        super().__init__("The API token is wrong, revoked or over.")


class ApiTokenMalformed(ApiTokenInvalid):
    """The text has not the form of an API token: it is a mistake of the caller's, no forgery."""


class ApiTokenOutOfBounds(OperatorError):
    """The API token is bound to other mini-programs or networks."""


class ApiTokenNotFound(OperatorError):
    """No API token has this id."""

    def __init__(self) -> None:
        super().__init__("There is no API token of this id.")
