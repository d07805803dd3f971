"""What webhooks cost: a login no statement where nobody wants it told and one where somebody does,
and a claim no look at what was told before."""

from __future__ import annotations

from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.sql import plan, recorded
from tests.harness.team import Team, dispatch
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


def test_what_waits_is_found_by_user_and_time(site: Site, phone: Phone, team: Team) -> None:
    team.subscribe(site, EventType.USER_LOGGED_IN)
    phone.login()
    with recorded(site) as run:
        dispatch(site)
    claims = [
        one
        for one in run
        if "min(webhook_delivery" in one[0] or "SELECT webhook_event.user" in one[0]
    ]
    steps = [step for step in plan(site, claims) if "user" in step]
    assert len(claims) == 3
    assert any("ix_webhook_delivery_endpoint_id_user_next_at" in step for step in steps), steps
    assert any("ix_webhook_event_user_due_at (user=? AND due_at>?)" in step for step in steps), (
        steps
    )
