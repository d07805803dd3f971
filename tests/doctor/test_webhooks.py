"""What the doctor finds of the webhooks of a team's systems."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import delete, text

from tests.harness.certificates import certificate
from tests.harness.patient import of_site
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.team import Team, dispatch
from wxlogin.doctor import Finding
from wxlogin.extensions import db
from wxlogin.models import WebhookEndpoint
from wxlogin.outbox import EventType, addresses, sender
from wxlogin.outbox.retries import PAUSE_AFTER

HOUR, DAY = 3600, 86_400


@pytest.fixture
def team(site: Site) -> Iterator[Team]:
    """A system that has subscribed to logins; nothing is sent in the background."""
    site.services.webhooks.dispatcher._routing.refuse_new()
    with Team() as team:
        team.subscribe(site, EventType.USER_LOGGED_IN)
        yield team


def found(site: Site, **changed: object) -> dict[str, Finding]:
    """What the doctor finds of the webhooks."""
    return of_site("webhooks", site, **changed)


def fail(site: Site, team: Team) -> None:
    """Send a login, which the team's system refuses."""
    team.answer = lambda _number: 503
    Phone(site).login()
    dispatch(site)


def the_id(site: Site) -> str:
    """The id of the only webhook."""
    with site.app.app_context():
        return str(db.session.scalar(text("SELECT public_id FROM webhook_endpoint")))


def test_a_webhook_that_accepts_is_in_order_and_gets_no_request(site: Site, team: Team) -> None:
    Phone(site).login()
    dispatch(site)
    assert list(found(site)) == ["ok"]
    assert len(team.got) == 1


def test_without_webhooks_all_is_in_order(site: Site) -> None:
    assert list(found(site)) == ["ok"]


def test_one_that_fails_is_a_warning_for_an_hour_then_a_fault(site: Site, team: Team) -> None:
    fail(site, team)
    now = found(site)["webhooks.failed"]
    assert the_id(site) in now.say("en").what
    assert "status 503" in now.say("en").what
    site.clock.forward(HOUR + 1)
    assert list(found(site)) == ["webhooks.fails"]


def test_one_that_was_paused_is_named_and_not_its_path(site: Site, team: Team) -> None:
    fail(site, team)
    site.clock.forward(PAUSE_AFTER.total_seconds() + DAY)
    fail(site, team)
    paused = found(site)
    assert list(paused) == ["webhooks.paused"]
    assert "/events" not in str(paused["webhooks.paused"].say("en"))


def test_one_that_was_disabled_by_hand_is_left_alone(site: Site, team: Team) -> None:
    fail(site, team)
    with site.app.app_context():
        endpoints = site.services.webhooks.endpoints
        endpoints.change(endpoints.get(the_id(site)), enabled=False)
    assert list(found(site)) == ["ok"]


def test_one_that_nobody_serves_is_named(site: Site, team: Team) -> None:
    assert team
    _point_to(site, "http://127.0.0.1:9/x")
    assert "NewConnectionError" in _reason(found(site))


def test_a_certificate_that_nobody_vouches_for_is_named(
    site: Site, team: Team, tmp_path: Path
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    path = certificate(tmp_path, "team")
    context.load_cert_chain(path, path.with_suffix(".key"))
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        threading.Thread(target=_handshake, args=(server, context), daemon=True).start()
        _point_to(site, f"https://127.0.0.1:{server.getsockname()[1]}/x")
        assert "SSL" in _reason(found(site))


def _handshake(server: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = server.accept()
    with connection, suppress(OSError):  # the doctor does not believe it, and hangs up
        context.wrap_socket(connection, server_side=True).recv(1)


@pytest.mark.parametrize("url", ["http://203.0.113.9/x", "https://127.0.0.1/x"])
def test_an_address_that_production_does_not_send_to_is_named(
    site: Site, team: Team, url: str
) -> None:
    assert team
    _point_to(site, url)
    said = _reason(found(site, env="production"))
    assert addresses.url_fault(url, unrestricted=False) in said


def test_a_name_that_leads_into_the_private_network_is_named(
    site: Site, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert team
    _point_to(site, "https://hooks.example/x")
    monkeypatch.setattr(sender, "resolve", lambda _host, _port: ["10.0.0.7"])
    assert "AddressRefused" in _reason(found(site, env="production"))


def test_what_no_worker_tries_to_send_is_named(site: Site, team: Team) -> None:
    assert team
    Phone(site).login()
    assert list(found(site)) == ["ok"]
    site.clock.forward(700)
    assert "11 minutes" in found(site)["webhooks.unsent"].say("en").what


def test_a_delivery_that_no_worker_tries_is_named(site: Site, team: Team) -> None:
    assert team
    Phone(site).login()
    site.services.webhooks.dispatcher._router.run()
    site.clock.forward(700)
    assert list(found(site)) == ["webhooks.unsent"]


def test_webhooks_that_cannot_be_read_are_told(site: Site) -> None:
    with site.app.app_context():
        db.session.execute(delete(WebhookEndpoint))
        db.session.execute(text("ALTER TABLE webhook_endpoint RENAME TO elsewhere"))
        db.session.commit()
    assert list(found(site)) == ["webhooks.unread"]


def _point_to(site: Site, url: str) -> None:
    with site.app.app_context():
        db.session.execute(text("UPDATE webhook_endpoint SET url = :url"), {"url": url})
        db.session.commit()


def _reason(findings: dict[str, Finding]) -> str:
    assert list(findings) == ["webhooks.unreachable"]
    return findings["webhooks.unreachable"].say("en").what
