"""Errors of webhooks."""

from __future__ import annotations

from wxlogin.service_error import ServiceError


class OutboxError(ServiceError):
    """A call about a webhook that cannot be done."""


class EndpointNotFound(OutboxError):
    """No endpoint has this id."""

    def __init__(self) -> None:
        super().__init__("There is no webhook of this id.")


class DeliveryNotFound(OutboxError):
    """No delivery has this id, or its event was deleted."""

    def __init__(self) -> None:
        super().__init__("There is no delivery of this id.")


class EndpointUrlRefused(OutboxError):
    """The URL of an endpoint is not one that events may be sent to."""

    def __init__(self, reason: str) -> None:
        super().__init__(fields=[("url", reason)])


class SendFailed(Exception):
    """A request got no answer; the message says why, without the URL."""
