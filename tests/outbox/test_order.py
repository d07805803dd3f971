"""Events of one user are told in the order in which they happened, whenever they were written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import ColumnElement, func, select, update

from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.team import Team, dispatch
from wxlogin.accounts import Ban
from wxlogin.extensions import db
from wxlogin.models import WebhookEvent
from wxlogin.outbox import EventType, routing
from wxlogin.redisdb import keys
from wxlogin.sessions import end_notes

MOMENT = 0.002
LATER = 11
"""Seconds after which a note is no more in the hands of the worker that made it."""
SIGNED_OUT_BETWEEN = ["user.logged_in", "user.logged_out", "user.logged_in"]
LOGINS = EventType.USER_LOGGED_IN, EventType.USER_LOGGED_OUT


@pytest.fixture
def dying(make_site: Callable[..., Site]) -> Site:
    """A worker that dies whenever Redis has ended a session."""
    site = make_site()
    site.services.sessions.store.on_signed_out = end_notes.ignore
    site.services.webhooks.dispatcher._routing.refuse_new()
    return site


@pytest.fixture
def site(dying: Site, make_site: Callable[..., Site]) -> Site:
    """Another worker."""
    return make_site(WXLOGIN_REDIS_URL=dying.settings.redis_url)


def signed_out_by_one_that_dies(dying: Site) -> Phone:
    """A user who is signed out, of which Redis alone knows, and logs in again at once."""
    phone = Phone(dying)
    phone.login()
    dying.clock.forward(MOMENT)
    phone.logout()
    dying.clock.forward(MOMENT)
    phone.login()
    return phone


def sweep(site: Site) -> None:
    """Find what was left, as a worker does by itself."""
    site.clock.forward(LATER)
    site.services.watch.recorder.end_sweeper.write_all()


def waiting(site: Site) -> int:
    """How many events are in the outbox that nobody was told."""
    with site.app.app_context():
        untold = select(func.count()).where(WebhookEvent.due_at.is_not(None))
        return db.session.scalar(untold) or 0


def claim(site: Site, which: ColumnElement[bool]) -> None:
    """Claim events as another worker."""
    due_at = datetime.fromtimestamp(site.clock() + 60, UTC)
    with site.app.app_context(), db.engine.begin() as connection:
        connection.execute(update(WebhookEvent).where(which).values(lease="other", due_at=due_at))


def test_an_end_that_a_killed_worker_left_comes_before_what_followed(
    dying: Site, site: Site, team: Team
) -> None:
    team.subscribe(site, *LOGINS)
    phone = signed_out_by_one_that_dies(dying)
    assert waiting(site) == 2
    for _ in range(2):
        dispatch(site)
    assert team.names() == SIGNED_OUT_BETWEEN
    assert site.redis.zcard(keys.ended(phone.user_id)) == 0


def test_an_end_that_was_found_earlier_comes_before_what_followed(
    dying: Site, site: Site, team: Team
) -> None:
    """The sweep found it while the later event was not told yet."""
    team.subscribe(site, *LOGINS)
    signed_out_by_one_that_dies(dying)
    sweep(site)
    assert waiting(site) == 3
    dispatch(site)
    assert team.names() == SIGNED_OUT_BETWEEN


def test_an_end_of_a_later_batch_comes_before_what_followed(
    dying: Site, site: Site, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "BATCH", 1)
    team.subscribe(site, *LOGINS)
    signed_out_by_one_that_dies(dying)
    for _ in range(2):
        dispatch(site)
    assert team.names() == SIGNED_OUT_BETWEEN


def test_an_end_that_another_worker_has_in_hand_is_waited_for(
    dying: Site, site: Site, team: Team
) -> None:
    team.subscribe(site, *LOGINS)
    signed_out_by_one_that_dies(dying)
    sweep(site)
    claim(site, WebhookEvent.type == EventType.USER_LOGGED_OUT)
    dispatch(site)
    assert team.names() == SIGNED_OUT_BETWEEN[:1]
    site.clock.forward(61)
    dispatch(site)
    assert team.names() == SIGNED_OUT_BETWEEN


def test_an_event_waits_for_one_before_it_that_another_worker_has(
    site: Site, phone: Phone, team: Team
) -> None:
    """The one between two that this worker has claimed."""
    team.subscribe(site, EventType.USER_BANNED, EventType.USER_UNBANNED)
    phone.login()
    with site.app.app_context():
        bans = site.services.accounts.bans
        bans.impose(phone.user_id, Ban("spam", None))
        bans.lift(phone.user_id)
        bans.impose(phone.user_id, Ban("spam", None))
    router = site.services.webhooks.router
    first, between, last = router._claim(0)
    claim(site, WebhookEvent.id == between.id)
    router._store(router._sort([first, last]))
    assert waiting(site) == 2
    site.clock.forward(61)
    dispatch(site)
    assert team.names() == ["user.banned", "user.unbanned", "user.banned"]


def test_what_a_login_ended_is_told_before_what_followed(site: Site, team: Team) -> None:
    team.subscribe(site, *LOGINS, EventType.SESSION_REPLACED)
    phone = Phone(site, device_id="device-1")
    for act in (phone.login, phone.login, phone.logout):
        act()
        site.clock.forward(MOMENT)
    dispatch(site)
    assert team.names() == [
        "user.logged_in",
        "user.logged_in",
        "session.replaced",
        "user.logged_out",
    ]


def test_while_redis_is_out_a_user_s_events_wait_and_others_do_not(
    site: Site, phone: Phone, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis may know of something that came before."""
    team.subscribe(site)
    phone.login()
    dispatch(site)
    told = len(team.got)

    def out(*_: object) -> None:
        raise RedisConnectionError

    with site.app.app_context():
        site.services.accounts.bans.impose(phone.user_id, Ban("spam", None))
        site.services.watch.recorder.webhook_paused("an-endpoint")
    with monkeypatch.context() as patch:
        patch.setattr(end_notes.EndNotes, "of_users", out)
        dispatch(site)
        dispatch(site)
    assert team.names()[told:] == ["alert.raised"]
    dispatch(site)
    assert team.names()[told:] == ["alert.raised", "user.banned"]


def test_a_session_ends_no_earlier_than_it_began_though_clocks_differ(
    dying: Site, site: Site, team: Team
) -> None:
    """A host whose clock is behind ends the session, and dies."""
    team.subscribe(site, *LOGINS)
    phone = Phone(dying)
    phone.login()
    dying.clock.forward(-1)
    phone.logout()
    dying.clock.forward(2)
    for _ in range(2):
        dispatch(site)
    assert team.names() == ["user.logged_in", "user.logged_out"]
