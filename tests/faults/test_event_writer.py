"""The writer of events: at once, off the request's path, and without loss while SQL is out."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial

import pytest
from sqlalchemy import select, text

from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.timing import eventually
from tests.harness.watched import alerts, counted, events, written
from wxlogin.extensions import db
from wxlogin.models import Alert
from wxlogin.redisdb import Scripts, connect
from wxlogin.watch import recorder as recorders
from wxlogin.watch.events import Event, Kind, LeakBlocked
from wxlogin.watch.recorder import Recorder
from wxlogin.wiring import SCRIPT_FOLDERS

FORGED = {"Authorization": "Bearer wxs_" + "A" * 108}


def recorder(site: Site) -> Recorder:
    """The site's recorder."""
    found = site.app.extensions["wxlogin"].watch.recorder
    assert isinstance(found, Recorder)
    return found


def forged(site: Site, address: str = "127.0.0.1") -> Event:
    """An event as a forged token makes it."""
    return Event(kind=Kind.TOKEN_FORGED, address=address)


@contextmanager
def gone(site: Site, table: str = "security_event") -> Iterator[None]:
    """Take a table away for the time of the block."""

    def rename(old: str, new: str) -> None:
        with site.app.app_context(), db.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    rename(table, "elsewhere")
    yield
    rename("elsewhere", table)


@contextmanager
def without_redis(site: Site) -> Iterator[None]:
    """Take Redis from the rules for the time of the block; the site's own stays that of others."""
    rules = recorder(site)._rules
    there, rules._scripts = (
        rules._scripts,
        Scripts(connect("redis://127.0.0.1:1/0"), SCRIPT_FOLDERS),
    )
    yield
    rules._scripts = there


def raised(site: Site) -> list[str]:
    """The rules whose alerts are written at this moment."""
    with site.app.app_context():
        return list(db.session.scalars(select(Alert.rule)))


def test_the_first_of_a_fold_is_written_at_once_by_a_thread(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorders, "FLUSH_SECONDS", 3600)
    for kind in (Kind.TOKEN_FORGED, Kind.CODE_INVALID):
        recorder(site).record(Event(kind=kind, address="192.0.2.1"))
        eventually(lambda kind=kind: written(site, kind.value))


def test_later_ones_are_written_within_seconds(site: Site) -> None:
    for _ in range(3):
        recorder(site).record(forged(site))
        eventually(lambda: written(site))
    eventually(lambda: written(site)[0].count == 3)


def test_without_events_there_is_no_thread(site: Site, phone: Phone) -> None:
    assert recorder(site).writer.thread is None
    phone.login()
    assert recorder(site).writer.thread is not None


def test_what_comes_while_the_database_is_out_is_written_afterwards(site: Site) -> None:
    with gone(site):
        for n in range(50):
            recorder(site).record(forged(site, f"192.0.2.{n % 5}"))
            site.clock.forward(6)
        recorder(site).flush()
        assert site.request("GET", "/v1/session", headers=FORGED).status_code == 401
    assert counted(site) == {"token.forged": 51}
    assert len(events(site)) > 5


def test_what_is_over_the_bound_is_counted_in_one_fold(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorders, "MAX_BUCKETS", 3)
    with gone(site):
        for n in range(50):
            recorder(site).record(forged(site, f"192.0.2.{n}"))
            recorder(site).flush()
    assert counted(site) == {"token.forged": 3, "watch.overflow": 47}
    assert [row.subject for row in events(site, "watch.overflow")] == ["all"]


def test_events_of_many_threads_are_all_counted(site: Site) -> None:
    def record() -> None:
        for n in range(200):
            recorder(site).record(forged(site, f"192.0.2.{n % 3}"))

    together([record] * 8)
    assert counted(site) == {"token.forged": 1600}
    assert len(events(site)) == 3


def test_stopping_writes_what_was_taken(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorders, "FLUSH_SECONDS", 3600)
    for _ in range(9):
        recorder(site).record(forged(site))
    recorder(site).stop()
    assert written(site)[0].count == 9


def test_a_webhook_that_hangs_does_not_keep_events_from_the_table(
    make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor() as pool:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        site = make_site(WXLOGIN_RULE_FAIL_IP="0/hour", WXLOGIN_ALERT_WEBHOOK=url)
        monkeypatch.setattr(recorders, "FLUSH_SECONDS", 3600)
        recorder(site).record(forged(site))
        with silent.accept()[0]:
            recorder(site).record(forged(site))
            stopped = pool.submit(recorder(site).stop)
            eventually(lambda: written(site)[0].count == 2)
            assert not stopped.done()


@pytest.mark.filterwarnings("ignore:.*fork")
def test_a_forked_child_writes_its_own_events_alone(site: Site) -> None:
    with gone(site):
        recorder(site).record(forged(site))
        recorder(site).flush()
        if not (child := os.fork()):
            recorder(site).stop()
            recorder(site).record(forged(site, "192.0.2.1"))
            os._exit(len(recorder(site)._pending) - 1)
        assert os.waitpid(child, 0)[1] == 0
    assert counted(site) == {"token.forged": 1}


def test_recording_never_raises(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Recorder, "_take", None)
    recorder(site).record(forged(site))
    assert any("could not be recorded" in line for line in site.log.lines)


def test_rules_count_what_came_while_redis_was_out(make_site: Callable[..., Site]) -> None:
    site = make_site(WXLOGIN_RULE_FAIL_IP="3/hour")
    with without_redis(site):
        for _ in range(4):
            recorder(site).record(forged(site))
            assert alerts(site) == []
    assert [alert.rule for alert in alerts(site)] == ["fail_ip"]
    assert counted(site) == {"token.forged": 4}


def test_an_alert_waits_for_the_database(make_site: Callable[..., Site]) -> None:
    site = make_site(WXLOGIN_RULE_FAIL_IP="3/hour")
    with gone(site, "alert"):
        for _ in range(4):
            recorder(site).record(forged(site))
        recorder(site).flush()
    assert [(alert.rule, alert.subject) for alert in alerts(site)] == [("fail_ip", "127.0.0.1")]


@pytest.mark.parametrize("out", [partial(gone, table="alert"), without_redis])
def test_an_alert_that_waited_for_a_store_needs_no_further_event(
    make_site: Callable[..., Site], out: Callable[[Site], AbstractContextManager[None]]
) -> None:
    site = make_site(WXLOGIN_RULE_FAIL_IP="0/hour")
    with out(site):
        recorder(site).record(forged(site))
        eventually(lambda: written(site))
        recorder(site).flush()
    eventually(lambda: raised(site) == ["fail_ip"])


def test_an_alert_at_once_waits_for_no_redis(site: Site) -> None:
    with without_redis(site):
        recorder(site).record(LeakBlocked(secret="AppSecret"))
        recorder(site).record(forged(site))
        assert [alert.rule for alert in alerts(site)] == ["leak_blocked"]
