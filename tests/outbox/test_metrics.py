"""What the figures say of deliveries."""

from __future__ import annotations

from tests.harness.metrics import total
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.team import Team, dispatch
from wxlogin.outbox import EventType


def test_what_waits_and_every_attempt_is_in_the_metrics(
    site: Site, phone: Phone, team: Team
) -> None:
    site.services.webhooks.dispatcher._routing.refuse_new()
    team.subscribe(site, EventType.USER_LOGGED_IN)
    team.answer = lambda number: 500 if number == 0 else 200
    before, name = site.request("GET", "/metrics").text, "wxlogin_webhook_attempts_total"
    phone.login()
    dispatch(site)
    site.clock.forward(20)
    waiting = site.request("GET", "/metrics").text
    assert total(waiting, "wxlogin_webhook_queue", {}) == 1
    assert total(waiting, "wxlogin_webhook_queue_seconds", {}) == 20
    dispatch(site)
    after = site.request("GET", "/metrics").text
    assert total(after, "wxlogin_webhook_queue", {}) == 0
    for outcome in ("failed", "delivered"):
        found = [total(text, name, {"outcome": outcome}) for text in (before, after)]
        assert found[1] - found[0] == 1
