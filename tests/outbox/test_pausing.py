"""An endpoint that accepts nothing for days is paused, and none that does."""

from __future__ import annotations

from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.team import Team, dispatch, endpoint_of
from tests.harness.watched import alerts
from wxlogin.outbox import EventType
from wxlogin.outbox.deliveries import Outcome

DAY = 86_400


def test_an_endpoint_that_fails_for_three_days_is_paused_with_an_alert(
    site: Site, team: Team
) -> None:
    team.subscribe(site, EventType.USER_LOGGED_IN)
    team.answer = lambda _number: 500
    for _ in range(4):
        Phone(site).login()
        dispatch(site)
        site.clock.forward(DAY)
    Phone(site).login()
    dispatch(site)
    found = endpoint_of(site)
    assert not found.enabled
    assert found.paused_at is not None
    assert [alert.rule for alert in alerts(site)] == ["webhook_paused"]
    before = len(team.got)
    Phone(site).login()
    dispatch(site)
    assert len(team.got) == before


def test_a_failure_that_ends_after_anothers_success_does_not_pause(site: Site, team: Team) -> None:
    team.subscribe(site, EventType.USER_LOGGED_IN)
    team.answer = lambda _number: 500
    Phone(site).login()
    dispatch(site)
    site.clock.forward(4 * DAY)
    for name in ("bob", "carol"):
        Phone(site, name).login()
    webhooks, endpoint = site.services.webhooks, endpoint_of(site).id
    webhooks.dispatcher._router.run()
    failed, accepted = (webhooks.deliveries.claim_next(endpoint) for _ in range(2))
    assert failed is not None
    assert accepted is not None
    assert failed.failing_since is not None
    assert not webhooks.deliveries.finish(accepted, Outcome(200, ""))
    assert not webhooks.deliveries.finish(failed, Outcome(500, "status 500"))
    found = endpoint_of(site)
    assert (found.enabled, found.paused_at, found.failing_since) == (True, None, None)


def test_a_success_in_between_counts_the_days_anew(site: Site, team: Team) -> None:
    team.subscribe(site, EventType.USER_LOGGED_IN)
    for status in (500, 500, 500, 200, 500, 500):
        team.answer = lambda _number, status=status: status
        Phone(site, f"user-{site.clock():.0f}").login()
        dispatch(site)
        site.clock.forward(DAY)
    assert endpoint_of(site).enabled
