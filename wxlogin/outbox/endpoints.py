"""Endpoints as operators set them: their URL, what they get, and their secrets."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from wxlogin.clock import Clock, utc_now
from wxlogin.models import WebhookDelivery, WebhookEndpoint
from wxlogin.outbox.addresses import url_fault
from wxlogin.outbox.erased import blank_delivered, erased_of, lock_erased
from wxlogin.outbox.errors import EndpointNotFound, EndpointUrlRefused
from wxlogin.outbox.event_types import EventType
from wxlogin.outbox.signatures import new_secret
from wxlogin.outbox.subscriptions import Subscriptions
from wxlogin.vault import Vault

BOTH_SIGN = timedelta(days=1)
"""How long the replaced secret of an endpoint signs too."""


class Endpoints:
    """Makes, changes and removes endpoints; every worker sees a change within a moment."""

    def __init__(
        self,
        current_session: Callable[[], Session],
        vault: Vault,
        clock: Clock,
        subscriptions: Subscriptions,
        *,
        unrestricted: bool,
    ) -> None:
        """`unrestricted` allows plain http and addresses that are not public."""
        self._current_session = current_session
        self._vault = vault
        self._clock = clock
        self._subscriptions = subscriptions
        self._unrestricted = unrestricted

    def create(
        self, url: str, events: Sequence[EventType], apps: Sequence[str], made_by: str
    ) -> tuple[WebhookEndpoint, str]:
        """Make an endpoint; return it and its secret, which is stored sealed.

        EndpointUrlRefused says what is wrong with the URL.
        """
        if fault := url_fault(url, unrestricted=self._unrestricted):
            raise EndpointUrlRefused(fault)
        public_id, secret = secrets.token_urlsafe(16), new_secret()
        endpoint = WebhookEndpoint(
            public_id=public_id,
            url=url,
            events=" ".join(dict.fromkeys(events)),
            apps=" ".join(dict.fromkeys(apps)) or None,
            enabled=True,
            secret_sealed=self._vault.seal(secret, secret_aad(public_id)),
            made_by=made_by,
            created_at=utc_now(self._clock),
        )
        session = self._current_session()
        session.add(endpoint)
        self._commit(session)
        return endpoint, secret

    def all(self) -> list[WebhookEndpoint]:
        """Return the endpoints, newest first."""
        rows = select(WebhookEndpoint).order_by(WebhookEndpoint.id.desc())
        return list(self._current_session().scalars(rows))

    def get(self, public_id: str) -> WebhookEndpoint:
        """Return an endpoint; EndpointNotFound if none has this id."""
        rows = select(WebhookEndpoint).where(WebhookEndpoint.public_id == public_id)
        endpoint = self._current_session().scalar(rows)
        if endpoint is None:
            raise EndpointNotFound
        return endpoint

    def change(
        self,
        endpoint: WebhookEndpoint,
        *,
        enabled: bool | None = None,
        events: Sequence[EventType] | None = None,
    ) -> None:
        """Enable or disable an endpoint, or change what it gets; None leaves that as it is.

        An endpoint that is enabled again counts as one that never failed.
        """
        if events is not None:
            endpoint.events = " ".join(dict.fromkeys(events))
        if enabled is not None:
            endpoint.enabled = enabled
            endpoint.failing_since = endpoint.paused_at = None
        self._commit(self._current_session())

    def replace_secret(self, endpoint: WebhookEndpoint) -> str:
        """Give an endpoint another secret and return it; both sign for a day."""
        public_id, secret = endpoint.public_id, new_secret()
        before = self._vault.open(endpoint.secret_sealed, secret_aad(public_id))
        endpoint.previous_sealed = self._vault.seal(before, previous_aad(public_id))
        endpoint.previous_until = utc_now(self._clock) + BOTH_SIGN
        endpoint.secret_sealed = self._vault.seal(secret, secret_aad(public_id))
        self._commit(self._current_session())
        return secret

    def delete(self, endpoint: WebhookEndpoint) -> None:
        """Remove an endpoint with its deliveries."""
        session = self._current_session()
        own = WebhookDelivery.endpoint_id == endpoint.id
        waiting = select(WebhookDelivery.event_id).where(own, WebhookDelivery.next_at.is_not(None))
        events = session.scalars(erased_of(waiting)).all()
        lock_erased(session, events)
        session.execute(delete(WebhookDelivery).where(own))
        blank_delivered(session, events)
        session.delete(endpoint)
        self._commit(session)

    def _commit(self, session: Session) -> None:
        session.commit()
        self._subscriptions.changed()


def secret_aad(public_id: str) -> str:
    """Return what binds the sealed secret of an endpoint to its place."""
    return f"webhook_endpoint.secret_sealed:{public_id}"


def previous_aad(public_id: str) -> str:
    """Return what binds the sealed secret that was replaced to its place."""
    return f"webhook_endpoint.previous_sealed:{public_id}"
