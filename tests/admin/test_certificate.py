"""The TLS certificate of the public address: what the status and the page Now say, the alert."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.admin.forms import seen
from tests.harness.certificates import certificate
from tests.harness.clock import SettableClock
from tests.harness.console import Operator
from tests.harness.loopback import LoopbackServer, QuietHandler
from tests.harness.site import Site
from tests.harness.watched import alerts, events

DAY = 86_400
MakeSite = Callable[..., Site]


class Secure(LoopbackServer):
    """Ends TLS with a certificate that lasts two days."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path, path.with_suffix(".key"))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def _handler(self) -> type[QuietHandler]:
        return QuietHandler


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An https URL whose certificate this machine trusts."""
    path = certificate(tmp_path, "public")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with Secure(path) as server:
        yield server.base.replace("http://", "https://")


@pytest.fixture
def watched(secure: str, make_site: MakeSite, clock: SettableClock) -> Site:
    """A site behind it, a minute after it was made."""
    clock.forward(60)
    return make_site(WXLOGIN_PUBLIC_URL=secure)


def told(site: Site) -> Any:
    """What the status says of the certificate."""
    return Operator(site, "viewer").sign_in().done("GET", "/status")["certificate"]


def test_without_an_address_nothing_is_known(site: Site, owner: Operator) -> None:
    found = told(site)
    assert (found["state"], found["reason"], found["host"]) == ("unknown", "not_set", None)
    assert "WXLOGIN_PUBLIC_URL" in found["advice"]
    assert "WXLOGIN_PUBLIC_URL is not set" in seen(owner, "/admin/status")


def test_plain_http_has_none(make_site: MakeSite) -> None:
    found = told(make_site(WXLOGIN_PUBLIC_URL="http://login.example.com"))
    assert (found["state"], found["reason"]) == ("unknown", "plain_http")


def test_before_anybody_looked_nothing_is_known(watched: Site) -> None:
    found = told(watched)
    assert (found["state"], found["reason"], found["host"]) == (
        "unknown",
        "not_looked_yet",
        "127.0.0.1",
    )


def test_one_that_lasts_is_in_order_and_alerts_nobody(watched: Site, clock: SettableClock) -> None:
    clock.forward(-30 * DAY)
    watched.services.watch.certificate.look()
    found = told(watched)
    assert (found["state"], found["days_left"]) == ("ok", 31)
    assert (found["reason"], found["what"], found["advice"]) == (None, None, None)
    assert found["ends_at"] > found["checked_at"]
    assert alerts(watched) == []


def test_one_that_ends_soon_is_told_with_what_to_do(watched: Site) -> None:
    watched.services.watch.certificate.look()
    found = told(watched)
    assert (found["state"], found["days_left"]) == ("ends_soon", 1)
    assert found["advice"].startswith("Renew it")
    owner = Operator(watched, "owner").sign_in()
    english, chinese = (seen(owner, "/admin/status", language) for language in ("en", "zh"))
    assert "1 day left" in english
    assert "Renew it where HTTPS ends" in english
    assert "还有 1 天到期" in chinese
    (alert,) = alerts(watched)
    assert (alert.rule, alert.subject) == ("certificate_ends", "all")
    page = seen(owner, "/admin/events")
    assert "TLS certificate ends soon or is not valid" in page
    assert "Days left: 1" in page


@pytest.mark.parametrize(("days", "pause"), [(1, DAY), (20, 7 * DAY)])
def test_an_alert_is_repeated_after_a_week_and_daily_in_the_last(
    watched: Site, clock: SettableClock, days: int, pause: int
) -> None:
    clock.forward((1 - days) * DAY)
    look = watched.services.watch.certificate.look
    look()
    clock.forward(pause - 60)
    look()
    assert len(events(watched, "certificate.ends")) == 1
    clock.forward(60)
    look()
    assert len(events(watched, "certificate.ends")) == 2


def test_one_that_nobody_vouches_for_is_wrong(
    watched: Site, owner: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    watched.services.watch.certificate.look()
    found = told(watched)
    assert (found["state"], found["reason"], found["ends_at"]) == ("wrong", "self_signed", None)
    assert [alert.rule for alert in alerts(watched)] == ["certificate_ends"]
    page = seen(Operator(watched, "owner").sign_in(), "/admin/status")
    assert "it signs itself, and nobody vouches for it" in page


def test_where_nothing_answers_nothing_is_known(make_site: MakeSite) -> None:
    site = make_site(WXLOGIN_PUBLIC_URL="https://127.0.0.1:1")
    site.services.watch.certificate.look()
    found = told(site)
    assert (found["state"], found["reason"]) == ("unknown", "no_answer")
    assert alerts(site) == []


def test_of_several_workers_one_looks_an_hour(
    secure: str, make_site: MakeSite, clock: SettableClock
) -> None:
    first, second = (make_site(WXLOGIN_PUBLIC_URL=secure) for _ in range(2))
    for site in (first, second):
        site.services.watch.certificate._take_turn()
        site.services.watch.certificate.stop()
        clock.forward(60)
    seen_by_both = [site.services.watch.certificate.latest() for site in (first, second)]
    assert seen_by_both[0] is not None
    assert seen_by_both[0] == seen_by_both[1]
    assert clock() - seen_by_both[0].at == 120
