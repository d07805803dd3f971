"""What webhooks cost a login: no statement where nobody wants it told, one where somebody does."""

from __future__ import annotations

from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.sql import recorded
from tests.harness.team import Team
from wxlogin.outbox import EventType


def statements(site: Site, phone: Phone) -> list[str]:
    """The SQL of a login."""
    with recorded(site) as run:
        phone.login()
    site.services.watch.recorder.flush()
    return [statement for statement, _ in run]


def test_a_login_asks_nothing_about_webhooks_and_writes_one_row(
    site: Site, phone: Phone, team: Team
) -> None:
    phone.login()
    without = statements(site, phone)
    assert [one for one in without if "webhook" in one] == []
    team.subscribe(site, EventType.USER_LOGGED_IN)
    phone.login()
    about_webhooks = [one for one in statements(site, phone) if "webhook" in one]
    assert [one.split("(")[0].strip() for one in about_webhooks] == ["INSERT INTO webhook_event"]
