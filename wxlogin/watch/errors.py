"""The errors of the watch."""

from __future__ import annotations

from wxlogin.service_error import ServiceError


class WatchError(ServiceError):
    """The root of what the watch raises."""


class AuditUnavailable(WatchError):
    """The audit trail could not be written, so the act did not happen."""
