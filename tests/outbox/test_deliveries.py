"""Deliveries: at least once, in order for a user, again while they are not accepted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.team import Team, dispatch, endpoint_of, verify
from tests.harness.timing import eventually
from wxlogin.accounts import Ban
from wxlogin.extensions import db
from wxlogin.models import WebhookDelivery, WebhookEndpoint
from wxlogin.outbox import EventType, routing
from wxlogin.outbox.retries import DELAYS, LIFE
from wxlogin.sessions.replies import LoginOutcome

DAY = 86_400


def deliveries(site: Site) -> list[WebhookDelivery]:
    """The rows of deliveries, oldest first."""
    with site.app.app_context():
        return list(db.session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))


def test_what_is_refused_comes_again_with_its_id_body_and_a_fresh_signature(
    site: Site, phone: Phone, team: Team
) -> None:
    _, secret = team.subscribe(site, EventType.USER_LOGGED_IN)
    team.answer = lambda number: 500 if number == 0 else 200
    phone.login()
    dispatch(site)
    dispatch(site)
    assert len(team.got) == 1
    site.clock.forward(20)
    dispatch(site)
    first, second = team.got
    assert (first.id, first.body) == (second.id, second.body)
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    for received in team.got:
        verify(secret, received)
    (row,) = deliveries(site)
    assert (row.attempts, row.status_code, row.fault, row.next_at) == (2, 200, None, None)
    assert row.delivered_at is not None


def test_delays_grow_and_after_a_day_a_delivery_has_failed(
    site: Site, phone: Phone, team: Team
) -> None:
    team.subscribe(site, EventType.USER_LOGGED_IN)
    team.answer = lambda _number: 503
    phone.login()
    began, waits = site.clock(), []
    dispatch(site)
    while (due := deliveries(site)[0].next_at) is not None:
        waits.append(due.timestamp() - site.clock())
        site.clock.forward(waits[-1])
        dispatch(site)
    (row,) = deliveries(site)
    assert waits[0] < 30
    assert [round(a / b) for a, b in zip(waits, DELAYS, strict=False)] == [1] * len(DELAYS)
    assert LIFE.total_seconds() * 0.75 < site.clock() - began <= LIFE.total_seconds()
    assert (row.delivered_at, row.fault) == (None, "status 503")
    assert row.attempts == len(team.got) == len(waits) + 1


def test_one_user_s_events_arrive_in_order_and_others_do_not_wait(
    site: Site, phone: Phone, team: Team
) -> None:
    team.subscribe(site, EventType.USER_LOGGED_IN, EventType.USER_LOGGED_OUT)
    team.answer = lambda number: 500 if number == 0 else 200
    phone.login()
    dispatch(site)
    phone.logout()
    other = Phone(site, "bob")
    other.login()
    dispatch(site)
    assert [one.event["data"]["user"] for one in team.accepted()] == [other.user_id]
    site.clock.forward(20)
    dispatch(site)
    mine = [one for one in team.accepted() if one.event["data"]["user"] == phone.user_id]
    assert [one.name for one in mine] == ["user.logged_in", "user.logged_out"]


@pytest.mark.parametrize("status", [301, 302, 404, 410])
def test_a_redirect_is_not_followed_and_nothing_but_2xx_is_accepted(
    site: Site, phone: Phone, team: Team, status: int
) -> None:
    team.subscribe(site, EventType.USER_LOGGED_IN)
    team.answer = lambda _number: status
    phone.login()
    dispatch(site)
    assert len(team.got) == 1
    assert deliveries(site)[0].fault == f"status {status}"


def test_several_workers_deliver_each_event_once(
    make_site: Callable[..., Site], site: Site, team: Team
) -> None:
    sites = [site, make_site(), make_site()]
    team.subscribe(site, EventType.USER_LOGGED_IN)
    sessions = {Phone(site, f"user-{n}").login()["session"]["id"] for n in range(8)}
    together([lambda one=one: dispatch(one) for one in sites])
    dispatch(site)
    told = [one.event["data"]["session"] for one in team.accepted()]
    assert sorted(told) == sorted(sessions)


def test_a_worker_that_dies_while_it_sends_leaves_the_delivery_to_another(
    site: Site, phone: Phone, team: Team
) -> None:
    team.subscribe(site, EventType.USER_LOGGED_IN)
    phone.login()
    webhooks = site.services.webhooks
    webhooks.dispatcher._router.run()
    lost = webhooks.deliveries.claim_next(endpoint_of(site).id)
    assert lost is not None
    dispatch(site)
    assert team.got == []
    site.clock.forward(61)
    dispatch(site)
    assert len(team.accepted()) == 1
    webhooks.dispatcher.attempt(lost)  # it was alive after all, and late
    (row,) = deliveries(site)
    assert row.delivered_at is not None
    assert {one.id for one in team.got} == {lost.message_id}


def test_a_worker_that_dies_while_it_routes_leaves_the_events_to_another(
    site: Site, phone: Phone, team: Team
) -> None:
    team.subscribe(site, EventType.USER_CREATED)
    phone.login()
    router = site.services.webhooks.dispatcher._router
    batch = router._claim(0)
    dispatch(site)
    assert team.got == []
    site.clock.forward(61)
    dispatch(site)
    router._store(router._sort(batch))  # it was alive after all, and late
    dispatch(site)
    assert len(team.got) == 1


def test_a_worker_that_was_late_tells_no_second_time_which_sessions_a_login_ended(
    site: Site, team: Team
) -> None:
    team.subscribe(site, EventType.SESSION_REPLACED)
    phone = Phone(site, device_id="device-1")
    phone.login()
    dispatch(site)
    phone.login()
    router = site.services.webhooks.dispatcher._router
    late = router._sort(router._claim(0))
    site.clock.forward(61)
    dispatch(site)
    router._store(late)
    dispatch(site)
    assert team.names() == ["session.replaced"]


def test_two_secrets_sign_for_a_day_while_one_is_replaced(
    site: Site, phone: Phone, team: Team
) -> None:
    endpoint, old = team.subscribe(site, EventType.USER_LOGGED_IN)
    with site.app.app_context():
        endpoints = site.services.webhooks.endpoints
        new = endpoints.replace_secret(endpoints.get(endpoint.public_id))
    site.tokens.add(new)
    phone.login()
    dispatch(site)
    for secret in (old, new):
        verify(secret, team.got[0])
    site.clock.forward(DAY)
    phone.login()
    dispatch(site)
    assert len(team.got[-1].headers["webhook-signature"].split()) == 1


def test_a_login_whose_session_never_came_is_not_told(
    site: Site, phone: Phone, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the worker had been killed between SQL and Redis."""
    team.subscribe(site, EventType.USER_LOGGED_IN)

    def killed(*_: object, **__: object) -> None:
        raise SystemError

    with monkeypatch.context() as patch:
        patch.setattr(site.services.sessions.store.__class__, "create", killed)
        assert phone.try_login().status_code == 500
    dispatch(site)
    phone.login()
    dispatch(site)
    assert team.got == []  # it may still come: what the user did later waits
    site.clock.forward(61)
    dispatch(site)
    assert [one.event["data"]["session"] for one in team.got] == [phone.session_id]


def test_an_event_of_a_later_batch_waits_for_a_login_that_waits_for_its_session(
    site: Site, phone: Phone, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "BATCH", 1)
    site.services.webhooks.dispatcher._routing.refuse_new()
    phone.login()
    team.subscribe(site, EventType.USER_LOGGED_IN, EventType.USER_BANNED)
    outcomes = site.services.webhooks.dispatcher._router._login_outcomes
    absent = LoginOutcome(created=False, replaced=[], evicted=[])
    with monkeypatch.context() as patch, site.app.app_context():
        patch.setattr(
            outcomes,
            "find",
            lambda refs: [absent for _ in refs],
        )
        phone.login()
        dispatch(site)
        site.services.accounts.bans.impose(phone.user_id, Ban("spam", None))
        dispatch(site)
        assert team.got == []
    dispatch(site)
    assert team.names() == ["user.logged_in", "user.banned"]


def test_a_slow_endpoint_does_not_hold_another_back(
    make_site: Callable[..., Site], team: Team
) -> None:
    with Team() as slow:
        site = make_site()
        slow.answer = lambda _number: eventually(lambda: len(team.got) == 6) or 200
        slow.subscribe(site, EventType.USER_LOGGED_IN)
        team.subscribe(site, EventType.USER_LOGGED_IN)
        for n in range(6):
            Phone(site, f"user-{n}").login()
        eventually(lambda: len(team.got) == 6 and len(slow.got) == 6)


def test_an_endpoint_that_is_removed_takes_its_deliveries_along(
    site: Site, phone: Phone, team: Team
) -> None:
    endpoint, _ = team.subscribe(site)
    team.answer = lambda _number: 500
    phone.login()
    dispatch(site)
    with site.app.app_context():
        endpoints = site.services.webhooks.endpoints
        endpoints.delete(endpoints.get(endpoint.public_id))
    assert deliveries(site) == []


def test_a_secret_that_no_key_opens_is_said_in_the_delivery(
    site: Site, phone: Phone, team: Team
) -> None:
    team.subscribe(site, EventType.USER_LOGGED_IN)
    with site.app.app_context(), db.engine.begin() as connection:
        connection.execute(update(WebhookEndpoint).values(secret_sealed="d9.AAAA"))
    phone.login()
    dispatch(site)
    (row,) = deliveries(site)
    assert row.fault == "WXLOGIN_DATA_KEYS does not open its secret"
    assert team.got == []
