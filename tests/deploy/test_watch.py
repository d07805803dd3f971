"""The watch under gunicorn's workers, and on the databases of production."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests

from tests.development.command import children
from tests.harness.crowd import together
from tests.harness.databases import DatabaseServer
from tests.harness.gunicorn_server import gunicorn, under_gunicorn
from tests.harness.metrics import Numbers
from tests.harness.phone import Phone
from tests.harness.receiver import Receiver
from tests.harness.site import Site
from tests.harness.timing import eventually
from tests.harness.watched import alerts, counted, events, written
from wxlogin.watch.events import Event, Kind

FORGED = {"Authorization": "Bearer wxs_" + "A" * 108}


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="/proc tells which process is a worker")


@contextmanager
def watched_gunicorn(site: Site) -> Iterator[tuple[str, Callable[[], set[int]]]]:
    """Where it serves, and what tells its workers."""
    with gunicorn(site) as server:
        yield server.address.url, lambda: set(children(server.pid))


def attack(url: str, times: int) -> None:
    """Forged tokens, each over a connection of its own, so that any worker may get it."""
    for _ in range(times):
        answer = requests.get(f"{url}/v1/session", headers=FORGED, timeout=10)
        assert answer.status_code in (401, 429)


def test_workers_that_are_stopped_write_all_they_took(site: Site) -> None:
    with under_gunicorn(site) as address:
        together([lambda: attack(address.url, 100)] * 4)
    rows = written(site)
    assert sum(row.count for row in rows) == 400
    assert len(rows) <= 5


def test_an_alert_of_two_workers_arrives_once(site: Site) -> None:
    with Receiver() as receiver:
        site.secrets.add(receiver.url)
        settings = {"ALERT_WEBHOOK": receiver.url, "RULE_FAIL_IP": "20/hour"}
        with under_gunicorn(site, **settings) as address:
            together([lambda: attack(address.url, 20)] * 4)
            receiver.wait()
        subjects = [(got["rule"], got["subject"]) for got in receiver.got]
    assert subjects == [("fail_ip", "127.0.0.1")]


@LINUX
def test_what_workers_told_outlives_them_when_they_are_killed(site: Site) -> None:
    with watched_gunicorn(site) as (url, workers):
        together([lambda: attack(url, 20)] * 2)
        eventually(lambda: sum(row.count for row in written(site)) == 40)
        before = workers()
        for worker in before:
            os.kill(worker, signal.SIGKILL)
        eventually(lambda: len(workers() - before) == 2)
        attack(url, 3)
    assert sum(row.count for row in written(site)) == 43


@LINUX
def test_an_alert_that_killed_workers_left_is_posted_without_a_further_event(
    make_site: Callable[..., Site],
) -> None:
    with Receiver() as receiver:
        site = make_site(WXLOGIN_ALERT_WEBHOOK="http://127.0.0.1:1/", WXLOGIN_RULE_FAIL_IP="0/hour")
        site.secrets.add(receiver.url)
        take(site, 1)
        assert len(alerts(site)) == 1
        site.app.extensions["wxlogin"].watch.recorder.stop()
        with under_gunicorn(site, ALERT_WEBHOOK=receiver.url):
            eventually(lambda: receiver.got, seconds=20)


@pytest.fixture
def sites(
    migrated_site: Site, make_site: Callable[..., Site]
) -> Iterator[tuple[Site, Site, Receiver]]:
    """Two workers on one database of production, and where their alerts go."""
    with Receiver() as receiver:
        settings = {
            "WXLOGIN_DATABASE_URL": migrated_site.settings.database_url,
            "WXLOGIN_ALERT_WEBHOOK": receiver.url,
            "WXLOGIN_RULE_FAIL_IP": "20/hour",
        }
        yield make_site(**settings), make_site(**settings), receiver


def take(site: Site, times: int) -> None:
    """Events of three addresses, written as they come."""
    recorder = site.app.extensions["wxlogin"].watch.recorder
    for n in range(times):
        recorder.record(Event(kind=Kind.TOKEN_FORGED, address=f"192.0.2.{n % 3}"))
        if n % 10 == 0:
            recorder.flush()


def test_workers_fold_into_the_same_rows(sites: tuple[Site, Site, Receiver]) -> None:
    first, second, receiver = sites
    together([lambda: take(first, 300), lambda: take(second, 300)])
    events(first)
    assert [row.count for row in events(second)] == [200] * 3
    assert len(alerts(first)) == 3
    for site in (first, second):
        site.app.extensions["wxlogin"].watch.recorder.alerts.deliver()
    assert sorted(got["subject"] for got in receiver.got) == [f"192.0.2.{n}" for n in range(3)]


def test_an_alert_that_two_workers_see_going_on_is_over_once(
    sites: tuple[Site, Site, Receiver],
) -> None:
    first, second, receiver = sites
    first.clock.forward(3600 - first.clock() % 3600)
    for minutes, floods in ((0, True), (20, True), (20, True), (59, False), (2, False)):
        first.clock.forward(60 * minutes)
        for site in (first, second):
            if floods:
                take(site, 100)
                alerts(site)
            site.app.extensions["wxlogin"].watch.recorder.alerts.deliver()
        told = [got["state"] for got in receiver.got]
        assert told == ["raised"] * 3 + ["over"] * (3 if minutes == 2 else 0)


def test_an_alert_of_two_workers_is_counted_once(sites: tuple[Site, Site, Receiver]) -> None:
    """On PostgreSQL a driver's count of rows is the same for who was first and who was not."""
    numbers = Numbers(sites[0])
    together([lambda one=one: take(one, 100) for one in sites[:2]])
    assert {row.subject for row in alerts(sites[1])} == {f"192.0.2.{n}" for n in range(3)}
    assert numbers.grown("wxlogin_alerts_total") == 3
    raised = [line for line in sites[0].log.lines if "alert: Many forged" in line]
    assert len(raised) == 3, raised


def test_what_comes_while_the_database_restarts_is_not_lost(
    sites: tuple[Site, Site, Receiver], server: DatabaseServer
) -> None:
    site = sites[0]
    take(site, 60)
    server.stop()
    take(site, 60)
    server.start()
    assert counted(site) == {"token.forged": 120}
    assert len(alerts(site)) == 3


def test_a_login_is_seen_on_every_database(sites: tuple[Site, Site, Receiver]) -> None:
    phone = Phone(sites[0], platform="ios", device_name="Alice 的手机 📱")
    phone.login()
    assert [row.user for row in events(sites[0], "login.succeeded")] == [phone.user_id]
