"""The outbox on the databases of production: each thing once, in order, with several workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.harness.command_line import CommandLine
from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.team import Team, dispatch
from wxlogin.extensions import db
from wxlogin.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from wxlogin.outbox import EventType
from wxlogin.outbox.signals import signal

DAY = 86_400
USERS = 6
TOLD = 5
"""Of each: created, signed in, signed in again, the session before replaced, signed out."""
IN_ORDER = ["user.created", "user.logged_in", "session.replaced", "user.logged_out"]
"""Two webhooks have it: of each name the first."""


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    """What code in the app was told of logins and sign-outs, in whichever worker."""
    events: list[dict[str, Any]] = []

    def receiver(_sender: object, event: dict[str, Any]) -> None:
        events.append(event)

    types = EventType.USER_LOGGED_IN, EventType.USER_LOGGED_OUT
    for type_ in types:
        signal(type_).connect(receiver)
    yield events
    for type_ in types:
        signal(type_).receivers.clear()


def count(site: Site, *models: type) -> list[int]:
    """How many rows there are."""
    with site.app.app_context():
        return [db.session.scalar(select(func.count()).select_from(one)) or 0 for one in models]


def test_several_workers_tell_all_that_happened_once_and_in_order(
    migrated_site: Site, make_site: Callable[..., Site], heard: list[dict[str, Any]]
) -> None:
    url = str(migrated_site.settings.database_url)
    sites = [migrated_site, *(make_site(WXLOGIN_DATABASE_URL=url) for _ in range(2))]
    for site in sites:
        site.services.webhooks.dispatcher._routing.refuse_new()
    with Team() as team:
        team.answer = lambda number: 500 if number % 3 == 0 else 200
        team.subscribe(migrated_site)
        team.subscribe(migrated_site)
        phones = [Phone(sites[n % 3], f"user-{n}") for n in range(USERS)]
        together([partial(go_through, phone) for phone in phones])
        for _ in range(30):
            together([partial(dispatch, site) for site in sites])
            migrated_site.clock.forward(400)
        assert count(migrated_site, WebhookEvent, WebhookDelivery) == [
            USERS * TOLD,
            USERS * TOLD * 2,
        ]
        for phone in phones:
            told = [one for one in team.accepted() if one.event["data"]["user"] == phone.user_id]
            assert len(told) == TOLD * 2
            assert list(dict.fromkeys(one.name for one in told)) == IN_ORDER
            mine = [event["type"] for event in heard if event["data"]["user"] == phone.user_id]
            assert mine == ["user.logged_in", "user.logged_in", "user.logged_out"]
        erased = phones[0].user_id
        with migrated_site.app.app_context():
            migrated_site.services.accounts.erasure.erase(erased)
        assert count(migrated_site, WebhookEvent) == [(USERS - 1) * TOLD + 1]
        migrated_site.clock.forward(200 * DAY)
        CommandLine(migrated_site, "purge").done()
        assert count(migrated_site, WebhookEvent, WebhookDelivery, WebhookEndpoint) == [0, 0, 2]


def go_through(phone: Phone) -> None:
    """Sign in, sign in again from the same device, sign out."""
    phone.device["device_id"] = "a-device"
    phone.login()
    phone.login()
    phone.logout()
    phone.site.services.watch.recorder.flush()
