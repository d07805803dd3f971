"""The errors of scans.

ScanError
├── ScanExpired       the scan is unknown, too old, used, or another phone's
├── ScanRefused       the phone said no
└── ScanSecretWrong   the secret is not the one that the scan began with
"""

from __future__ import annotations

from wxlogin.service_error import ServiceError


class ScanError(ServiceError):
    """A scan that cannot go on."""


class ScanExpired(ScanError):
    """The scan is unknown, too old, used, or another phone's."""


class ScanRefused(ScanError):
    """The phone said no."""


class ScanSecretWrong(ScanError):
    """The secret is not the one that the scan began with; the scan goes on."""

    def __init__(self) -> None:
        super().__init__("No scan of this id began with this secret.")
