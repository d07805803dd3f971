"""Signals: receivers in the app are called in the background and hold nobody back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.team import Team, dispatch
from tests.harness.timing import eventually
from wxlogin.extensions import db
from wxlogin.models import WebhookDelivery, WebhookEvent
from wxlogin.outbox import EventType, signals
from wxlogin.outbox.signal_calls import SignalCalls

LOGINS = EventType.USER_LOGGED_IN, EventType.USER_LOGGED_OUT

Event = dict[str, Any]


@pytest.fixture
def heard() -> Iterator[list[Event]]:
    """What a receiver of logins and sign-outs was called with."""
    events: list[Event] = []

    def receiver(_sender: object, event: Event) -> None:
        events.append(event)

    for type_ in LOGINS:
        signals.signal(type_).connect(receiver)
    yield events
    for type_ in EventType:
        signals.signal(type_).receivers.clear()


def kept(site: Site) -> tuple[int, int]:
    """How many events and deliveries are kept."""
    with site.app.app_context():
        models = WebhookEvent, WebhookDelivery
        counts = [db.session.scalar(select(func.count()).select_from(one)) for one in models]
        return counts[0] or 0, counts[1] or 0


def names(heard: list[Event]) -> list[str]:
    """The types, in order."""
    return [event["type"] for event in heard]


def test_a_slow_receiver_holds_no_webhook_back(
    make_site: Callable[..., Site], heard: list[Event], team: Team
) -> None:
    site, returned = make_site(), threading.Event()

    def slow(_sender: object, event: Event) -> None:
        assert returned.wait(30), event

    signals.signal(EventType.USER_LOGGED_IN).connect(slow)
    team.subscribe(site, *LOGINS)
    phones = [Phone(site, f"user-{n}") for n in range(3)]
    for phone in phones:
        phone.login()
        phone.logout()
    eventually(lambda: len(team.accepted()) == 6)
    assert len(heard) < 6
    returned.set()
    eventually(lambda: len(heard) == 6)


def test_what_was_signalled_leaves_nothing(site: Site, phone: Phone, heard: list[Event]) -> None:
    phone.login()
    phone.logout()
    dispatch(site)
    assert names(heard) == ["user.logged_in", "user.logged_out"]
    assert kept(site) == (0, 0)


def test_an_event_that_a_webhook_tells_too_keeps_its_delivery(
    site: Site, phone: Phone, team: Team, heard: list[Event]
) -> None:
    team.subscribe(site, *LOGINS)
    phone.login()
    dispatch(site)
    assert [one.event for one in team.accepted()] == heard
    assert kept(site) == (1, 1)


def test_a_receiver_is_called_again_after_a_worker_that_died(
    site: Site, phone: Phone, heard: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It died in the receiver, or when that had just returned."""

    def dies(*_: object) -> None:
        raise SystemError

    phone.login()
    phone.logout()
    with monkeypatch.context() as patch:
        patch.setattr(SignalCalls, "_finish", dies)
        with pytest.raises(SystemError):
            dispatch(site)
    dispatch(site)
    assert names(heard) == ["user.logged_in"]  # what the user did then waits for it
    site.clock.forward(61)
    dispatch(site)
    assert names(heard) == ["user.logged_in", "user.logged_in", "user.logged_out"]
    assert kept(site) == (0, 0)


def test_a_receiver_that_raises_is_not_called_again_and_stops_no_other(
    site: Site, phone: Phone, heard: list[Event]
) -> None:
    called = []

    def raises(_sender: object, event: Event) -> None:
        called.append(event)
        raise ValueError

    signals.signal(EventType.USER_LOGGED_IN).connect(raises)
    phone.login()
    for _ in range(2):
        dispatch(site)
        site.clock.forward(61)
    assert (len(called), len(heard)) == (1, 1)


def test_what_a_process_does_not_listen_to_is_left_to_those_that_do(
    site: Site, phone: Phone, heard: list[Event]
) -> None:
    phone.login()
    site.services.webhooks.router.run()
    receivers = signals.signal(EventType.USER_LOGGED_IN).receivers
    listening = dict(receivers)
    receivers.clear()
    dispatch(site)
    assert heard == []
    receivers.update(listening)
    dispatch(site)
    assert names(heard) == ["user.logged_in"]


def test_who_was_erased_is_signalled_by_id_alone_and_leaves_nothing_else(
    site: Site, phone: Phone, heard: list[Event], team: Team
) -> None:
    """The webhook was told first; the body keeps no person once the receiver has had it."""
    signals.signal(EventType.USER_ERASED).connect(
        lambda _sender, event: heard.append(event), weak=False
    )
    team.subscribe(site, EventType.USER_ERASED)
    phone.login()
    dispatch(site)
    person = phone.ask("GET", "/v1/me").json()["user"]["person"]
    phone.logout()
    with site.app.app_context():
        site.services.accounts.erasure.erase(phone.user_id)
    dispatch(site)
    assert heard[-1]["type"] == "user.erased"
    assert heard[-1]["data"]["person"] == person
    with site.app.app_context():
        (body,) = db.session.scalars(select(WebhookEvent.body))
    assert person not in body
