"""Workers that are killed amid logins and sign-outs: what happened is told, each thing once."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from tests.deploy.harness.gunicorn_master import Master
from tests.harness.crowd import Crowd
from tests.harness.gunicorn_server import environment
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.team import Team, dispatch
from tests.harness.timing import eventually
from tests.harness.traffic import WIDE
from wxlogin.extensions import db
from wxlogin.models import User, WebhookDelivery, WebhookEvent
from wxlogin.outbox import EventType

pytestmark = pytest.mark.settings(**WIDE)
KILLS = 2
TOLD = (
    EventType.USER_CREATED,
    EventType.USER_LOGGED_IN,
    EventType.USER_LOGGED_OUT,
    EventType.SESSION_REPLACED,
)


class Logins(Crowd):
    """People who log in on two phones in turn, and sign out of each fourth session.

    A dead worker stops nobody.
    """

    def __init__(self, site: Site, url: str, size: int) -> None:
        super().__init__(size)
        self._site = site
        self._url = url
        self.answered: set[str] = set()
        self.signed_out: set[str] = set()

    def _go_on(self, number: int) -> None:
        count = 0
        while not self._stop.is_set():
            count += 1
            phone = Phone(self._site, f"user-{number}-{count // 4}")
            body = {"code": phone.code(), "device_id": f"device-{count % 2}"}
            with contextlib.suppress(requests.RequestException):
                answer = requests.post(f"{self._url}/v1/login", json=body, timeout=30)
                if answer.ok:
                    self._take(answer.json())
                    if count % 4 == 0:
                        self._sign_out(answer.json())

    def _take(self, answer: dict[str, dict[str, str]]) -> None:
        with self._changed:
            self._site.tokens.add(str(answer["token"]))
            self.answered.add(answer["session"]["id"])

    def _sign_out(self, login: dict[str, dict[str, str]]) -> None:
        headers = {"Authorization": f"Bearer {login['token']}"}
        answer = requests.post(f"{self._url}/v1/logout", json={}, headers=headers, timeout=30)
        if answer.ok and answer.json()["ended"]:
            with self._changed:
                self.signed_out.add(login["session"]["id"])

    def wait(self, count: int) -> None:
        """Wait until so many more logins were answered."""
        wanted = len(self.answered) + count
        eventually(lambda: len(self.answered) >= wanted)


@pytest.fixture
def team() -> Iterator[Team]:
    """A receiver that fails a third of the time."""
    with Team() as team:
        team.answer = lambda number: 500 if number % 3 == 0 else 204
        yield team


def settle(site: Site) -> None:
    """Let time pass until nothing waits."""

    def waits() -> bool:
        with site.app.app_context():
            due = db.session.scalar(select(WebhookEvent.id).where(WebhookEvent.due_at.is_not(None)))
            open_ = WebhookDelivery.next_at.is_not(None)
            return bool(due or db.session.scalar(select(WebhookDelivery.id).where(open_).limit(1)))

    for _ in range(200):
        site.clock.forward(61)
        site.services.watch.recorder.left.write_all()
        dispatch(site)
        if not waits():
            return
    raise AssertionError("something still waits")


def test_killed_workers_lose_no_event_and_invent_none(
    site: Site, team: Team, tmp_path: Path
) -> None:
    team.subscribe(site, *TOLD)
    limits = {name.removeprefix("WXLOGIN_"): text for name, text in WIDE.items()}
    log = tmp_path / "gunicorn.log"
    with (
        Master(environment(site, **limits), log) as master,
        Logins(site, master.url, 4) as logins,
    ):
        for _ in range(KILLS):
            logins.wait(8)
            killed = min(master.workers())
            os.kill(killed, signal.SIGKILL)
            eventually(lambda killed=killed: len(master.workers() - {killed}) == 2)
    settle(site)
    told: dict[str, dict[str, str]] = {}
    for one in team.accepted():
        key = str(one.event["data"].get("session") or one.event["data"]["user"])
        told.setdefault(one.name, {}).setdefault(key, one.id)
        assert told[one.name][key] == one.id  # again, but never anew
    sessions = told["user.logged_in"]
    assert logins.answered <= set(sessions)
    with site.app.app_context():
        users = db.session.scalars(select(User.public_id)).all()
    assert set(told["user.created"]) == set(users)
    refs = {
        one.event["data"]["session"]: one.event["data"]["user"]
        for one in team.accepted("user.logged_in")
    }
    traces = site.services.webhooks.dispatcher._router._traces
    assert all(trace.created for trace in traces.find([(user, sid) for sid, user in refs.items()]))
    live = {session.sid for user in users for session in site.services.sessions.store.list(user)}
    replaced, signed_out = set(told["session.replaced"]), set(told["user.logged_out"])
    assert logins.signed_out <= signed_out
    assert set(sessions) - live == replaced | signed_out
    assert not replaced & signed_out
