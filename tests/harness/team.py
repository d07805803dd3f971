"""A team's own system: receives webhooks, verifies them, and answers as it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import select
from standardwebhooks import Webhook

from tests.harness.loopback import LoopbackServer, QuietHandler
from tests.harness.site import Site
from wxlogin.extensions import db
from wxlogin.models import WebhookEndpoint
from wxlogin.outbox import EventType

ALL = tuple(EventType)


class Received(NamedTuple):
    """A request as it came, and whether it was accepted."""

    id: str
    headers: dict[str, str]
    body: str
    accepted: bool

    @property
    def event(self) -> dict[str, Any]:
        """The body as JSON."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def name(self) -> str:
        """The type of the event."""
        return str(self.event["type"])


class Team(LoopbackServer):
    """Answers each request by `answer`, which gets its number; keeps them in their order."""

    def __init__(self) -> None:
        self.got: list[Received] = []
        self.answer: Callable[[int], int] = lambda _number: 204
        self._lock = threading.Lock()
        super().__init__()
        self.url = f"{self.base}/events"

    def subscribe(
        self, site: Site, *events: EventType, url: str = "", apps: tuple[str, ...] = ()
    ) -> tuple[WebhookEndpoint, str]:
        """Make an endpoint for these events, or for all; the endpoint and its secret."""
        with site.app.app_context():
            endpoints = site.services.webhooks.endpoints
            endpoint, secret = endpoints.create(url or self.url, events or ALL, apps, "tests")
            site.tokens.add(secret)
            return endpoints.get(endpoint.public_id), secret

    def accepted(self, *names: str) -> list[Received]:
        """What was accepted, of these types or of all."""
        return [one for one in self.got if one.accepted and (not names or one.name in names)]

    def names(self) -> list[str]:
        """The types of what was accepted, in order."""
        return [one.name for one in self.accepted()]

    def _handler(self) -> type[QuietHandler]:
        team = self

        class Handler(QuietHandler):
            def do_POST(self) -> None:  # noqa: N802  the library's name
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                with team._lock:
                    status = team.answer(len(team.got))
                    accepted = 200 <= status < 300
                    team.got.append(Received(headers["webhook-id"], headers, body, accepted))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        return Handler


def verify(secret: str, received: Received) -> None:
    """Verify a request as a receiver does; an error if its signature does not hold."""
    Webhook(secret).verify(received.body, received.headers)


def dispatch(site: Site) -> None:
    """Have the site route and deliver what is due, once."""
    site.services.watch.recorder.flush()
    site.services.webhooks.dispatcher.run()


def endpoint_of(site: Site) -> WebhookEndpoint:
    """The only endpoint, as it stands now."""
    with site.app.app_context():
        return db.session.scalars(select(WebhookEndpoint)).one()
