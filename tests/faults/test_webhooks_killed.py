"""Workers that are killed amid logins and sign-outs: what happened is told, each thing once."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from tests.deploy.harness.gunicorn_master import Master
from tests.harness.crowd import Crowd
from tests.harness.gunicorn_server import environment
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.team import Received, Team, dispatch
from tests.harness.timing import eventually
from tests.harness.traffic import WIDE
from wxlogin.extensions import db
from wxlogin.models import User, WebhookDelivery, WebhookEvent
from wxlogin.outbox import EventType
from wxlogin.redisdb import keys

pytestmark = [pytest.mark.slow, pytest.mark.settings(**WIDE)]
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
        site.services.watch.recorder.end_sweeper.write_all()
        dispatch(site)
        if not waits():
            return
    raise AssertionError("something still waits")


@contextmanager
def nobody_writes(site: Site) -> Iterator[None]:
    """Hold the write lock of the site's database until the block ends."""
    path = str(site.settings.database_url).partition("///")[2]
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


def post(url: str, path: str, body: dict[str, str], token: str = "") -> dict[str, Any]:
    """Call one of the workers; what it answers."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.post(f"{url}{path}", json=body, headers=headers, timeout=30)
    assert answer.ok, answer.text
    return dict(answer.json())


def signs_out_and_dies(site: Site, master: Master, login: dict[str, Any]) -> None:
    """Sign out; kill every worker once Redis has ended the session, before SQL knows of it."""
    before = master.workers()

    def sign_out() -> None:
        with contextlib.suppress(requests.RequestException):
            post(master.url, "/v1/logout", {}, str(login["token"]))

    with nobody_writes(site):
        caller = threading.Thread(target=sign_out)
        caller.start()
        eventually(lambda: site.redis.zcard(keys.ended(login["user"]["id"])))
        for worker in before:
            os.kill(worker, signal.SIGKILL)
        caller.join()
    master.wait_for_others_than(before)


def firsts(team: Team) -> list[Received]:
    """What was accepted, without what came again: a worker may die before it notes an answer."""
    return list({one.id: one for one in team.accepted()}.values())


def test_what_a_killed_worker_had_not_told_comes_before_what_the_user_did_next(
    site: Site, tmp_path: Path
) -> None:
    site.services.webhooks.dispatcher._routing.refuse_new()
    with (
        Team() as team,
        Master(environment(site), tmp_path / "gunicorn.log") as master,
    ):
        team.subscribe(site, *TOLD)
        phone = Phone(site)
        first = post(master.url, "/v1/login", {"code": phone.code()})
        eventually(lambda: len(team.accepted()) == 2)
        signs_out_and_dies(site, master, first)
        second = post(master.url, "/v1/login", {"code": phone.code()})
        site.tokens |= {first["token"], second["token"]}
        eventually(lambda: len(firsts(team)) == 4)
    told = [(one.name, one.event["data"].get("session")) for one in firsts(team)]
    assert told == [
        ("user.created", None),
        ("user.logged_in", first["session"]["id"]),
        ("user.logged_out", first["session"]["id"]),
        ("user.logged_in", second["session"]["id"]),
    ]


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
    outcomes = site.services.webhooks.dispatcher._router._login_outcomes
    assert all(
        outcome.created for outcome in outcomes.find([(user, sid) for sid, user in refs.items()])
    )
    live = {session.sid for user in users for session in site.services.sessions.store.list(user)}
    replaced, signed_out = set(told["session.replaced"]), set(told["user.logged_out"])
    assert logins.signed_out <= signed_out
    assert set(sessions) - live == replaced | signed_out
    assert not replaced & signed_out
