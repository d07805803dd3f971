"""What is told: each act once, after it is done, to whom wants it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.sql import ids_of
from tests.harness.team import Team, dispatch, verify
from wxlogin.extensions import db
from wxlogin.models import WebhookEvent
from wxlogin.outbox import EventType
from wxlogin.outbox.subscriptions import Snapshot


def written(site: Site) -> int:
    """How many events are in the outbox."""
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(WebhookEvent)) or 0


def test_a_first_login_tells_of_the_user_and_of_the_login(
    site: Site, phone: Phone, team: Team
) -> None:
    _, secret = team.subscribe(site)
    phone.login(platform="ios")
    dispatch(site)
    created, logged_in = team.got
    for received in team.got:
        verify(secret, received)
    ids = ids_of(site, phone.user_id)
    assert created.event["type"] == "user.created"
    assert created.event["data"] == {**ids, "risk_rank": None}
    assert logged_in.event["type"] == "user.logged_in"
    told = {"session": phone.session_id, "platform": "ios"}
    assert logged_in.event["data"] == {**ids, **told}
    assert set(logged_in.event) == {"type", "timestamp", "data"}


def test_nothing_is_written_that_nobody_wants(site: Site, phone: Phone, team: Team) -> None:
    phone.login()
    assert written(site) == 0
    endpoint, _ = team.subscribe(site, EventType.USER_BANNED)
    phone.login()
    phone.logout()
    site.services.watch.recorder.flush()
    assert written(site) == 0
    with site.app.app_context():
        endpoints = site.services.webhooks.endpoints
        every = (EventType.USER_LOGGED_IN,)
        endpoints.change(endpoints.get(endpoint.public_id), events=every, enabled=False)
    phone.login()
    assert written(site) == 0


def test_who_wants_what_is_read_again_after_a_minute_though_no_version_tells(
    site: Site, phone: Phone, team: Team
) -> None:
    """As where the version was lost by which another worker told of the endpoint."""
    phone.login()
    team.subscribe(site, EventType.USER_LOGGED_IN)
    subscriptions = site.services.webhooks.outbox._subscriptions
    subscriptions._snapshot = Snapshot((), subscriptions._version.current(), site.clock())
    phone.login()
    assert written(site) == 0
    site.clock.forward(61)
    phone.login()
    assert written(site) == 1


def test_an_endpoint_of_another_app_is_not_told(site: Site, phone: Phone, team: Team) -> None:
    team.subscribe(site, apps=("wx00000000000000ff",))
    team.subscribe(site, apps=(APPID,))
    phone.login()
    dispatch(site)
    assert team.names() == ["user.created", "user.logged_in"]
    assert written(site) == 2


def test_a_sign_out_is_written_before_it_is_answered(site: Site, phone: Phone, team: Team) -> None:
    team.subscribe(site, EventType.USER_LOGGED_OUT)
    phone.login()
    phone.logout()
    assert written(site) == 1


def test_sign_outs_are_told_one_by_one(site: Site, phone: Phone, team: Team) -> None:
    team.subscribe(site, EventType.USER_LOGGED_OUT)
    sessions = {Phone(site).login()["session"]["id"] for _ in range(2)}
    phone.login()
    phone.logout("others")
    dispatch(site)
    assert {one.event["data"]["session"] for one in team.accepted()} == sessions
    phone.logout()
    dispatch(site)
    (*_, last) = team.accepted()
    assert last.event["data"]["session"] == phone.session_id
    assert (last.event["data"]["user"], last.event["data"]["app"]) == (phone.user_id, APPID)


@pytest.mark.settings(WXLOGIN_MAX_DEVICES="2")
def test_sessions_that_a_login_ends_are_told_as_replaced_or_evicted(site: Site, team: Team) -> None:
    team.subscribe(site, EventType.SESSION_REPLACED, EventType.SESSION_EVICTED)
    phones = [Phone(site, device_id=f"device-{n}") for n in range(3)]
    for one in phones[:2]:
        one.login()
        site.clock.forward(1)
    before = phones[1].session_id
    phones[1].login()
    site.clock.forward(1)
    phones[2].login()
    dispatch(site)
    replaced, evicted = team.accepted()
    assert replaced.name == "session.replaced"
    assert replaced.event["data"]["session"] == before
    assert replaced.event["data"]["by"] == phones[1].session_id
    assert evicted.name == "session.evicted"
    assert evicted.event["data"]["session"] == phones[0].session_id
    assert written(site) == 2


@pytest.mark.settings(WXLOGIN_MAX_DEVICES="1", WXLOGIN_DEVICE_OVERFLOW="refuse")
def test_a_refused_login_is_not_told(site: Site, phone: Phone, team: Team) -> None:
    team.subscribe(site, EventType.USER_LOGGED_IN)
    phone.login()
    assert Phone(site).try_login().status_code == 409
    dispatch(site)
    assert len(team.got) == 1
    assert written(site) == 1


def test_a_login_is_told_though_its_session_has_ended_since(
    site: Site, phone: Phone, team: Team
) -> None:
    team.subscribe(site)
    phone.login()
    phone.logout()
    dispatch(site)
    assert team.names() == ["user.created", "user.logged_in", "user.logged_out"]
