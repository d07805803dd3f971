"""The errors of keys.

KeyringError
├── KeyRefused         a key of the settings is not the one that its id had before
├── KeyUnknown         no such key was ever used, or it may not be treated so
├── HostsDisagree      running hosts have other keys, or have them in another order
├── RotationRunning    another process is rotating keys
└── RotationLost       another process took over
"""

from __future__ import annotations

from wxlogin.service_error import ServiceError


class KeyringError(ServiceError):
    """Something that cannot be done with the keys as they are."""


class KeyRefused(KeyringError):
    """A key of the settings is not the one that its id had before."""


class KeyUnknown(KeyringError):
    """No such key was ever used, or it is one that may not be treated so."""


class HostsDisagree(KeyringError):
    """Running hosts have other keys, or have them in another order; the detail names them."""


class RotationRunning(KeyringError):
    """Another process is rotating keys."""


class RotationLost(KeyringError):
    """Another process took over, since this one was silent for too long."""
